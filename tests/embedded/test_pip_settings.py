from webapp.embedded.pip_settings import assignments


def test_indexes_of_pip_become_those_of_uv():
    listing = """global.cert='/etc/ssl/own.pem'
global.extra-index-url='https://a.example/simple https://b.example/simple'
global.index-url='https://old.example/simple'
install.index-url='https://new.example/simple'
:env:.find-links='/one /two'
global.quiet='1'
list.index-url='https://other-command.example'"""
    assert assignments(listing) == {
        "SSL_CERT_FILE": "/etc/ssl/own.pem",
        "UV_INDEX": "https://a.example/simple https://b.example/simple",
        "UV_DEFAULT_INDEX": "https://new.example/simple",
        "UV_FIND_LINKS": "/one,/two",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_pip_without_settings_asks_nothing_of_uv():
    assert assignments("") == {}
