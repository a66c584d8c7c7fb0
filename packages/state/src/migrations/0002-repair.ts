/** Version 2: how a file was repaired before it was read. */
export const REPAIR: string = `
alter table file_version add column repair text;
`
