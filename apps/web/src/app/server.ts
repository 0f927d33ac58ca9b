/** The origin of the signaling server: the page's own, unless the page names another (docs/hosting.md). */
export const serverUrl: string = document.querySelector<HTMLMetaElement>('meta[name="p2p-server"]')?.content || location.origin;
