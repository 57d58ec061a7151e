using System.CommandLine;
using Caravan.Server;

namespace Caravan.Cli;

/// <summary>Serves models over HTTP.</summary>
internal sealed class ServeVerb : Verb
{
    private readonly ModelFlags models = new(embedded: true);
    private readonly ServeFlags serving = new();

    public override string Name => "serve";

    public override string Summary => "Serve models over HTTP: OpenAI's API, Ollama's, and a web page.";

    public override string Notes =>
        $"'caravan serve' alone serves {EmbeddedModel.Name}, the small model that comes with Caravan.\n" +
        "Ask it: curl http://127.0.0.1:8080/v1/chat/completions -d '{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'\n" +
        "The server listens on this machine alone unless --host says otherwise; docs/serving.md says how to put TLS and keys in front before others reach it.\n" +
        "With --models every model in a folder can be asked for by its name; it is loaded then, and unloaded when --memory-budget has no room and nobody uses it.\n" +
        "Ctrl-C or SIGTERM lets the answers that run end (--drain-seconds); a second one ends the process.";

    public override string Example =>
        "caravan serve --model qwen2.5-7b-q4_k_m.gguf --parallel 8\n"
        + "caravan serve --model qwen2.5-7b-q4_k_m.gguf --adapter ./support=support --adapter ./legal=legal\n"
        + "caravan serve --models ~/models --memory-budget 24 --host 0.0.0.0 --api-keys keys.json\n"
        + "caravan serve --api-keys keys.json --new-api-key alice --key-requests-per-minute 60";

    protected override IEnumerable<Symbol> Symbols => [.. models.Place, models.Adapter, .. serving.Symbols, .. models.Loading, .. models.Running];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        if (serving.NewKey(parsed) is { } key)
        {
            if (!parsed.GetValue(Json))
            {
                terminal.Output.WriteLine(key);
                return ExitCode.Success;
            }

            terminal.WriteJson(document =>
            {
                document.WriteString("name", serving.NewKeyName(parsed));
                document.WriteString("key", key);
            });
            return ExitCode.Success;
        }

        ServerOptions options = serving.Read(parsed, models, terminal);
        using InterruptScope work = terminal.Interrupts.Begin();
        return ServeAsync(options, parsed.GetValue(Json), terminal, work.Token).GetAwaiter().GetResult();
    }

    private static async Task<int> ServeAsync(ServerOptions options, bool json, Terminal terminal, CancellationToken interrupted)
    {
        await using CaravanServer server = await CaravanServer.StartAsync(options).ConfigureAwait(false);
        try
        {
            await server.LoadAsync(interrupted).ConfigureAwait(false);
            if (json)
            {
                terminal.WriteJson(document =>
                {
                    document.WriteString("address", server.Address);
                    document.WriteStrings("models", server.ModelIds);
                });
            }

            terminal.Error.WriteLine($"[{string.Join(", ", server.ModelIds)} at {server.Address} (API at {server.Address}/v1); Ctrl-C stops]");
            if (options.ApiKeys is null && !server.IsLocal) terminal.Error.WriteLine("[anybody who reaches this address can use it: --api-keys asks for keys]");
            await Task.Delay(Timeout.Infinite, interrupted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            terminal.Error.WriteLine("[stopping; answers that run may end]");
        }

        await server.StopAsync().ConfigureAwait(false);
        return ExitCode.Success;
    }
}
