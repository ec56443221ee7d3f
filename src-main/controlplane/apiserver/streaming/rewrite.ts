/** Attributes of HTML that hold a URL. */
const URLS =
  /(\s(?:action|background|cite|data|formaction|href|longdesc|poster|src|usemap)\s*=\s*["'])(\/(?!\/)[^"']*)/gi

/** Puts the proxy's path before absolute paths in HTML, so that its links lead back through the proxy. */
export function rewriteHtml(html: string, prefix: string): string {
  return html.replace(URLS, (_whole, before: string, path: string) => `${before}${prefix}${path}`)
}

/** A redirect of the backend to itself is led back through the proxy; others stay. */
export function rewriteLocation(location: string, prefix: string, backendHost: string): string {
  if (location.startsWith('/') && !location.startsWith('//')) return prefix + location
  for (const scheme of ['http', 'https']) {
    const own = `${scheme}://${backendHost}`
    if (location === own || location.startsWith(`${own}/`)) return prefix + (location.slice(own.length) || '/')
  }
  return location
}
