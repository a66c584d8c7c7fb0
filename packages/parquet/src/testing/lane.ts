/** Whether all cases of a test are asked for, and not those only that a change has to pass within minutes. */
export const SLOW: boolean = process.env['TIDEGATE_LANE'] === 'slow'
