import type { Catalogue } from "../text";

export const categories: Catalogue["categories"] = {
  art: "Kunst",
  code: "Programmieren",
  education: "Bildung",
  film: "Film",
  food: "Essen",
  games: "Spiele",
  making: "Handwerk",
  music: "Musik",
  nature: "Natur",
  news: "Nachrichten",
  places: "Orte",
  science: "Wissenschaft",
  sports: "Sport",
  talk: "Gespräch",
  other: "Anderes",
};
