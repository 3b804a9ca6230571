"""Reports of letters that came back, in the forms that mail servers give them."""

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-ID: <20270901@mx.example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.org.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4XyZ

Final-Recipient: rfc822; gone@acme.example
Original-Recipient: rfc822;gone@acme.example
Action: {action}
Status: {status}
Remote-MTA: dns; acme.example
Diagnostic-Code: smtp; {words}

--B
Content-Type: message/rfc822

From: Tours <tours@escale.example>
To: gone@acme.example
Subject: Your place
Message-ID: {message_id}

Dear Ada,

--B--
"""

EXCHANGE = """\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@acme.example>
To: {to}
Subject: Undeliverable: Your place
MIME-Version: 1.0
Message-ID: <ndr@acme.example>
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_000_X"

--_000_X
Content-Type: multipart/alternative; boundary="_001_X"

--_001_X
Content-Type: text/plain; charset="us-ascii"

Your message to gone@acme.example couldn't be delivered.
--_001_X
Content-Type: text/html; charset="us-ascii"

<p>Your message couldn't be delivered.</p>
--_001_X--
--_000_X
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01.eurprd01.prod.example
Received-From-MTA: dns;mail.escale.example

Final-recipient: rfc822;gone@acme.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found

--_000_X
Content-Type: text/rfc822-headers

From: Tours <tours@escale.example>
To: gone@acme.example
Message-ID: {message_id}

--_000_X--
"""

EXIM = """\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: {to}
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1exim@mx.example.org>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients.
This is a permanent error. The following address(es) failed:

  gone@acme.example
    host mx.acme.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<gone@acme.example>:
    550 5.1.1 <gone@acme.example>: Recipient address rejected: User unknown

------ This is a copy of the message, including all the headers. ------

Message-ID: {message_id}
"""

QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mx.ovh.example
To: {to}
Subject: failure notice

Hi. This is the qmail-send program at mx.ovh.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<gone@acme.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: {message_id}
"""

FRENCH = """\
Return-Path: <>
From: postmaster@fournisseur.example
To: {to}
Subject: =?utf-8?q?Message_non_remis?=
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Votre message n'a pas pu \xeatre remis :
<gone@acme.example> 550 Utilisateur inconnu
"""

AWAY = """\
From: Zoe Martin <zoe@acme.example>
To: {to}
Subject: Absence du bureau: 550 messages
Auto-Submitted: auto-replied
In-Reply-To: {message_id}
Message-ID: <away@acme.example>

Je suis absente jusqu'au 5.1.27. Message-ID: <x@y>
"""

HUMAN = """\
From: Zoe Martin <zoe@acme.example>
To: {to}
Subject: Re: Your place
Message-ID: <human@acme.example>

550 thanks! See section 5.1.1.
"""
