import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores(["**/dist/", "build/", "build-*/", ".deps/", "third_party/", "**/node_modules/"]),
  { files: ["**/*.{js,mjs,ts,tsx}"], extends: [js.configs.recommended] },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-undef": "off", // the compiler knows
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", name: ["test", "describe"], package: "node:test" }] },
      ],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["packages/p2p-client/example/*.js"],
    languageOptions: { globals: { document: "readonly", location: "readonly", setInterval: "readonly", URLSearchParams: "readonly" } },
  },
  // Where a test or a bench says "!" it has asked before, and a wrong one fails it.
  { files: ["tests/**", "bench/**", "**/*.test.ts"], rules: { "@typescript-eslint/no-non-null-assertion": "off" } },
  {
    files: ["apps/web/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" },
  },
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: {
      globals: Object.fromEntries(
        ["Buffer", "clearTimeout", "console", "fetch", "performance", "process", "setTimeout", "TextDecoder", "URL", "WebAssembly"].map((name) => [
          name,
          "readonly",
        ]),
      ),
    },
  },
);
