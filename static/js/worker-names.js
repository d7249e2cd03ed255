/* Names that pages and the service worker share. */

export const SHELL = "hunter-shell-";
export const PAGES = "hunter-pages";
export const IMAGES = "hunter-images";

/** The neutral twin of a classify page: as it looks to somebody unknown, without a subject. */
export const twin = (path) => `${path}offline/`;

/** A page as anybody would see it: fetched without cookies, in the language asked for. */
export function unknownPage(url, language) {
  return fetch(url, { credentials: "omit", cache: "no-store", headers: language ? { "Accept-Language": language } : {} });
}
