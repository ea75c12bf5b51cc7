// The header by which an edge of the drill names the instance that fetches.

export const INSTANCE_HEADER = 'x-drill-instance'
