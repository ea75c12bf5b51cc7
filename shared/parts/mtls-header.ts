// Part: the client certificate in a header field of a proxy (`mtls.header`).

import { createHeaderCertificate } from '../sender/mtls/header-certificate.ts'
import type { Part } from './parts.ts'

export const mtlsHeader: Part = { mtlsHeader: createHeaderCertificate }
