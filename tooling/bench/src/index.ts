export { SECTIONS, selectSections } from './sections.ts'
