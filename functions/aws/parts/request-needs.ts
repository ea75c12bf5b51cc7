// Part of the Lambda: the further parts of a request that checks read (`Authorizer.needs`).

import type { LambdaParts } from '../planned-handler.ts'
import { readNeeds } from '../request-needs.ts'

export const requestNeeds: LambdaParts = { readNeeds }
