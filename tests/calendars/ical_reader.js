// What ical.js makes of one document. One expression: node and a browser both evaluate it.
(document) => {
  const time = (value) => (value.isDate ? value.toString() : value.toUnixTime());
  const text = (event, name) => event.component.getFirstPropertyValue(name) || "";
  return new ICAL.Component(ICAL.parse(document)).getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      starts: time(event.startDate),
      ends: time(event.endDate),
      floating: [event.startDate, event.endDate].some((end) => !end.isDate && end.zone.tzid === "floating"),
      summary: event.summary,
      location: text(event, "location"),
      description: text(event, "description"),
      status: text(event, "status"),
    };
  });
}
