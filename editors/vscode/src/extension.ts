import { ExtensionContext, Uri, workspace } from "vscode";
import {
  LanguageClient,
  LanguageClientOptions,
  ServerOptions,
} from "vscode-languageclient/node";

const LANGUAGES = ["json", "jsonc", "yaml", "terraform", "hcl", "opentofu", "markdown"];
/** VS Code opens no web page as a document, so a page of AWS is shown as a document with its address. */
const PAGE = "iam-catalog-page";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const settings = workspace.getConfiguration("iamCatalog");
  const [command, ...args] = settings.get<string[]>("command", ["iam-catalog", "lsp"]);
  const server: ServerOptions = { command, args };
  const options: LanguageClientOptions = {
    documentSelector: LANGUAGES.flatMap((language) => [
      { scheme: "file", language },
      { scheme: "untitled", language },
    ]),
    initializationOptions: {
      inlayHints: settings.get<boolean>("inlayHints", false),
      suggestCommand: "editor.action.triggerSuggest",
    },
    synchronize: {
      configurationSection: "iamCatalog",
      fileEvents: workspace.createFileSystemWatcher(
        "**/{.iam-catalog.toml,.iam-catalog-ignore,pyproject.toml}",
      ),
    },
    uriConverters: {
      code2Protocol: (uri) => uri.toString(),
      protocol2Code: (value) =>
        value.startsWith("https:") ? Uri.from({ scheme: PAGE, path: value }) : Uri.parse(value),
    },
  };
  context.subscriptions.push(
    workspace.registerTextDocumentContentProvider(PAGE, {
      provideTextDocumentContent: (uri) => `The page of AWS: ${uri.path}\n`,
    }),
  );
  client = new LanguageClient("iamCatalog", "iam-catalog", server, options);
  await client.start();
}

export function deactivate(): Thenable<void> | undefined {
  return client?.stop();
}
