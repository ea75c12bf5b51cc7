// `reportOnly` for every request. routes.ts has that of one route.

import { flag } from './setting.ts'

export const REPORT_ONLY = flag(false)

export const reportOnlyMeanings = () => ({
  reportOnly: {
    default: REPORT_ONLY.default,
    row: REPORT_ONLY,
    meaning: 'for every request: refusals are recorded, not enforced',
  },
})
