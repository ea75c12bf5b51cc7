// `reportOnly` for every request. That of a route: routes.ts.

import { flag } from './setting.ts'

export const REPORT_ONLY = flag(false)

export const reportOnlyMeanings = () => ({
  reportOnly: { default: REPORT_ONLY.default, meaning: 'the same for every request' },
})
