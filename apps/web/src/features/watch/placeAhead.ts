/** Puts the picture where the page will have it, before there is a page (watch.css). */
export function placeAhead(video: HTMLVideoElement): void {
  const stage = document.createElement("div");
  stage.className = "player stage-ahead";
  stage.append(video);
  document.body.append(stage);
}

/** Moves the picture into its place in the page. */
export function placeInPage(video: HTMLVideoElement, place: Element): void {
  const ahead = video.closest(".stage-ahead");
  // Where a browser can move an element without taking it out, the picture does not stop.
  if (video.isConnected && "moveBefore" in place) place.moveBefore(video, null);
  else place.append(video);
  ahead?.remove();
}
