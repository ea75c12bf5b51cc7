// `${env:NAME}` in a section of the configuration. A build leaves the placeholder of a missing variable in a setting
// that may be open, and refuses it in every other setting.

import { substitute } from '../plan/values/substitute.ts'
import type { AddProblem } from './checks.ts'
import type { SecretEnvironment } from './secrets.ts'

/** Replaces `${env:NAME}` in every string of a section. */
export const substituteSection = (
  value: unknown,
  { env = {}, later }: SecretEnvironment,
  section: string,
  addProblem: AddProblem,
): unknown => substitute(value, env, section, addProblem, later?.open.note)
