// Packages the serverless.yml of this repository or of a copy of it. Its functions are built first.

import { packageAws } from './build.ts'
import type { Packager } from './compare-stages.ts'

export const repositoryPackager: Packager = {
  file: 'serverless.yml',
  buildsCode: true,
  package: (stages, directory, root) => packageAws(stages, directory, new AbortController().signal, root),
}
