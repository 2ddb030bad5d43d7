/** How often a property is tried: the usual number, or twenty times that when SLOW is set. */
export const runs = (usual = 300) => ({ numRuns: process.env['SLOW'] ? usual * 20 : usual })
