// Part: the check, when an edge starts, that its environment has the secrets and bindings that the plan names.

import { findEnvironmentProblems } from '../plan/environment.ts'
import type { Part } from './parts.ts'

export const environment: Part = { findEnvironmentProblems }
