/** Throws where a text is no well-formed XML of the simple kind: a declaration, elements, attributes, text; no comments. */
export function assertWellFormed(xml: string): void {
  // XML 1.0 §2.2: the characters that a document may hold.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml))
    throw new Error('a character that XML has not')
  const token = /<\?xml [^?]*\?>|<(\/?)([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.-]*="[^"<]*")*)\s*(\/?)>|([^<]+)/y
  const open: string[] = []
  let roots = 0
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex
    const match = token.exec(xml)
    if (match === null) throw new Error(`not well-formed at ${JSON.stringify(xml.slice(at, at + 40))}`)
    const [whole, closing, name, attributes = '', single, text] = match
    const parts = text ?? attributes
    if (/&(?!(?:amp|lt|gt|quot|apos|#[0-9]+);)/.test(parts)) throw new Error(`a bare & in ${JSON.stringify(whole)}`)
    if (text !== undefined) {
      if (text.includes(']]>')) throw new Error(']]> in text')
      if (open.length === 0 && text.trim() !== '') throw new Error('text outside of the root')
    } else if (name !== undefined) {
      const names = [...attributes.matchAll(/([\w.-]+)="/g)].map(([, attribute]) => attribute)
      if (new Set(names).size !== names.length) throw new Error(`an attribute twice in ${whole}`)
      if (closing === '/') {
        if (open.pop() !== name) throw new Error(`${whole} closes something else`)
      } else {
        if (open.length === 0) roots++
        if (single !== '/') open.push(name)
      }
    }
  }
  if (open.length > 0 || roots !== 1) throw new Error(`${roots} roots, ${open.length} elements open`)
}
