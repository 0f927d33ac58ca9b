import { describe, expect, it } from "vitest";
import { messageParts, nameColour, type MessagePart } from "./messageParts";

const parts = (message: string) => messageParts(message, (name) => name === "wave" || name === "heart");
const text = (value: string): MessagePart => ({ kind: "text", text: value });
const links = (message: string) => parts(message).flatMap((part) => (part.kind === "link" ? [part.url] : []));

describe("messageParts", () => {
  it("leaves markup what it is: text", () => {
    const message = '<img src=x onerror="alert(1)"> & <b>bold</b> javascript:alert(1) data:text/html,<script>';
    expect(parts(message)).toEqual([text(message)]);
  });

  it("makes links of http and https addresses only, without what ends the sentence", () => {
    expect(parts("see https://example.org/a?b=c#d.")).toEqual([
      text("see "),
      { kind: "link", text: "https://example.org/a?b=c#d", url: "https://example.org/a?b=c#d" },
      text("."),
    ]);
    expect(links("(http://example.org/x) and https://de.wikipedia.org/wiki/Elbe_(Fluss)!")).toEqual([
      "http://example.org/x",
      "https://de.wikipedia.org/wiki/Elbe_(Fluss)",
    ]);
    for (const none of ["javascript:alert(1)", "ftp://example.org", "//example.org", "https://", "www.example.org", "HTTPS://example.org"])
      expect(links(none)).toEqual([]);
  });

  it("makes no link of an address that hides where it leads", () => {
    expect(links("https://bank.example@evil.example/ https://a:b@evil.example")).toEqual([]);
  });

  it("ends an address at quotes and brackets, so that it cannot leave its attribute", () => {
    expect(links(`https://example.org/"onmouseover="alert(1)`)).toEqual(["https://example.org/"]);
    expect(links("https://example.org/<script>")).toEqual(["https://example.org/"]);
  });

  it("puts emotes that it knows in place of their names", () => {
    expect(parts("hi :wave::heart: :nothing: 10:30:45")).toEqual([
      text("hi "),
      { kind: "emote", name: "wave" },
      { kind: "emote", name: "heart" },
      text(" :nothing: 10:30:45"),
    ]);
    expect(parts("")).toEqual([]);
  });
});

describe("nameColour", () => {
  it("is one of seven, and the same each time", () => {
    const colours = new Set(Array.from({ length: 200 }, (_, i) => nameColour((i * 0x1234567).toString(16).padStart(32, "0").slice(-32))));
    for (const colour of colours) expect(colour >= 1 && colour <= 7).toBe(true);
    expect(nameColour("ffffffff000000000000000000000000")).toBe(nameColour("ffffffff123400000000000000000000"));
  });
});
