// The document of `lanekeeper explain --json`. It has no token, no fingerprint and no value that the text lacks.

import { FAILURE_MEANINGS } from '../../shared/index.ts'
import type { Explained } from './explain.ts'
import { whoseMove } from './moves.ts'
import { shownAt } from './times.ts'

export function toDocument({
  facts,
  verdict,
  stages,
  places,
  answers,
  moves,
  log,
  unread,
}: Explained): object {
  const { deny, request, stage, route, traced } = facts
  const { stopped } = traced.trace
  return {
    version: 1,
    ok: verdict === 'allow',
    verdict,
    request: {
      method: request.method,
      path: request.path,
      ...(request.origin && { origin: request.origin }),
    },
    stage: stage.stage === '' ? null : stage.stage,
    time: shownAt(facts.now),
    route: route?.name ?? null,
    refusal:
      deny === null
        ? null
        : {
            code: deny.code,
            ...FAILURE_MEANINGS[deny.code],
            detail: deny.detail ?? {},
            stage: stopped?.stage ?? null,
            rule: stopped?.rule ?? null,
            settings: places,
            isCertain: verdict !== 'unknown',
          },
    unchecked: facts.unchecked,
    stages,
    answers: answers.answers,
    kept: answers.kept,
    move: whoseMove(facts, moves),
    moves,
    log:
      log === null || 'because' in log
        ? log
        : {
            decisions: log.decisions,
            plans: log.plans,
            lines: log.lines.map(({ token: _, time, ...line }) => ({
              time: time === undefined ? null : shownAt(time),
              ...line,
            })),
          },
    unreadFields: unread,
  }
}
