// What each family of spoofable-fields.ts is for, and which software reads it. For docs/cloudflare.md and readers of
// the source: no decision depends on it, and it is in no bundle.

import type { SPOOFABLE_FIELDS } from './spoofable-fields.ts'

export interface FieldReaders {
  /** What a client would claim with such a field. */
  readonly what: string
  readonly software: string
}

export const SPOOFABLE_FIELD_READERS: Readonly<Record<keyof typeof SPOOFABLE_FIELDS, FieldReaders>> = {
  method: {
    what: 'another method',
    software: 'Symfony, Laravel, Rails (Rack), Express (method-override), OData services',
  },
  target: {
    what: 'another path',
    software:
      'Symfony, Zend and Laminas, IIS URL Rewrite, nginx Ingress, Traefik, ASP.NET Core, Azure App Service',
  },
  authority: {
    what: 'another scheme, host, port, prefix or TLS state, and a user (`X-Forwarded-User`, `-Email`, `-Groups`, `-Client-Cert`...)',
    software:
      'RFC 7239; Spring, Rails, Django, Laravel, ASP.NET Core, Express, Next.js; Traefik, Envoy, oauth2-proxy, nginx Ingress, IIS ARR, Azure Application Gateway',
  },
  address: {
    what: 'another client address, where something other than Cloudflare writes it',
    software:
      'Rails, WebLogic plug-ins, CloudFront, Fastly, Azure Front Door, Fly.io, Netlify, Vercel, DigitalOcean',
  },
  user: {
    what: 'a user or client whom another gateway has authenticated',
    software:
      'oauth2-proxy, Authelia, Authentik, Pomerium, Vouch, Grafana, mod_auth_openidc, Shibboleth, SiteMinder, WebSEAL, Kong, APISIX, WSO2, Teleport, Tailscale, Kubernetes, AWS ALB, Google IAP, API Gateway and App Engine, Azure App Service, Cloudflare Access',
  },
  certificate: {
    what: 'a client certificate',
    software:
      'RFC 9440; nginx Ingress, HAProxy, Tomcat, ASP.NET Core, Azure App Service, AWS ALB, Google load balancers',
  },
  mesh: { what: 'another upstream, and trust between services', software: 'Envoy, Istio, Linkerd' },
  gateway: {
    what: 'a variable of CGI or WSGI, or a file to send',
    software: 'Gunicorn, Flask, PHP (httpoxy), Rack::Sendfile',
  },
  container: {
    what: 'a user, certificate, scheme or host',
    software: 'WebSphere (`$WSRU`...), WebLogic plug-ins',
  },
  next: { what: 'that middleware has run, or another route', software: 'Next.js, Vercel' },
  framework: { what: 'another path, locals, or another way to render', software: 'Astro, React Router' },
  lambda: {
    what: 'an event of API Gateway, its authorizer included',
    software: 'AWS Lambda Web Adapter, serverless-express',
  },
}
