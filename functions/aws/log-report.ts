// The log lines of the Lambda: one line of JSON for each event on standard output, which is CloudWatch Logs.

import type { ReportEvent } from '../../shared/edge.ts'

export const logReport = (event: ReportEvent): void =>
  console.log(JSON.stringify({ door: 'lambda', ...event }))
