const generated = [
  /(^|\/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|Cargo\.lock|poetry\.lock|uv\.lock|composer\.lock|Gemfile\.lock|go\.sum|flake\.lock)$/,
  /\.(min\.(js|css)|map|snap)$/,
  /(^|\/)(dist|vendor|node_modules)\//,
]

/** Lockfiles and generated files: shown as one line until they are asked for. */
export const isFolded = (path: string): boolean => generated.some((pattern) => pattern.test(path))
