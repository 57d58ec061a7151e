using System.CommandLine;
using Caravan.Inference;
using Caravan.Server;

namespace Caravan.Cli;

/// <summary>What is served, where, and to whom.</summary>
internal sealed class ServeFlags
{
    private static readonly ServerOptions Usual = new();

    private readonly Option<string?> folder = Flag.Text("--models", "DIR", "A folder of models: each file and folder in it by its name, loaded when it is asked for.");
    private readonly Option<string?> name = Flag.Text("--name", "NAME", "What requests call the model (default: the name of its file or folder).");
    private readonly Option<double?> budget = Flag.Number<double>("--memory-budget", "GB", "Most memory for all loaded models, weights and caches (default: no limit).");
    private readonly Option<string?> host = Flag.Text("--host", "ADDRESS", $"Where to listen: an IP address, localhost, or * for all (default {Usual.Host}).");
    private readonly Option<int?> port = Flag.Number<int>("--port", "N", $"The port; 0 takes a free one (default {Usual.Port}).");
    private readonly Option<int?> parallel = Flag.Number<int>("--parallel", "N", "Most answers that are computed at once, others wait (default: as many as the cache holds).");
    private readonly Option<int?> cacheTokens = Flag.Number<int>("--cache-tokens", "N", "Tokens of keys and values kept for all texts of a model (default: several contexts, as memory allows).");
    private readonly Option<int?> promptChunk = Flag.Number<int>(
        "--prompt-chunk", "N", $"Most prompt tokens in a pass that also goes on with answers: fewer let answers flow, more read prompts sooner (default {new EngineOptions().PromptTokensBesideAnswers}).");
    private readonly Option<int?> queue = Flag.Number<int>("--queue", "N", $"Most requests that wait; more get status 429 (default {Usual.QueueLength}).");
    private readonly Option<string?> template = Flag.Text("--template", "NAME", "A chat template instead of the models' own: the name of a built-in one or a file.");
    private readonly Option<string?> keys = Flag.Text("--api-keys", "FILE", "Let in only requests with one of the keys of this file.");
    private readonly Option<string?> newKey = Flag.Text("--new-api-key", "NAME", "Make a key, print it, put its hash into the file of --api-keys, and end.");
    private readonly Option<int?> keyRequests = Flag.Number<int>("--key-requests-per-minute", "N", "With --new-api-key: most requests in a minute.");
    private readonly Option<int?> keyConcurrent = Flag.Number<int>("--key-concurrent", "N", "With --new-api-key: most requests at a time.");
    private readonly Option<string[]> origins = Flag.Texts("--cors-origin", "ORIGIN", "Let pages of this origin use the API, * for all; may be given several times (default: none).");
    private readonly Option<string[]> hosts = Flag.Texts("--allowed-host", "NAME", "Answer requests addressed to this name too while only this machine is listened to: that of a proxy in front; may be given several times (default: none).");
    private readonly Option<int?> bodyLimit = Flag.Number<int>("--max-body-mb", "N", $"Most megabytes of a request (default {Usual.BodyLimit >> 20}).");
    private readonly Option<int?> promptLimit = Flag.Number<int>("--max-prompt-tokens", "N", "Most tokens of a prompt (default: what the context holds).");
    private readonly Option<double?> timeout = Flag.Number<double>("--request-timeout", "SECONDS", $"Longest time for an answer, waiting included; 0 for any (default {Usual.RequestTimeout!.Value.TotalSeconds}).");
    private readonly Option<double?> drain = Flag.Number<double>("--drain-seconds", "SECONDS", $"How long answers may go on after Ctrl-C or SIGTERM (default {Usual.DrainTime.TotalSeconds}).");
    private readonly Option<bool> logPrompts = Flag.Switch("--log-prompts", "Log what is asked too; without it the log has no texts.");
    private readonly Option<bool> quiet = Flag.Switch("--quiet", "Log nothing.");

    /// <summary>All of them.</summary>
    public IEnumerable<Symbol> Symbols =>
        [folder, name, budget, host, port, parallel, cacheTokens, promptChunk, queue, template, keys, newKey, keyRequests, keyConcurrent, origins, hosts, bodyLimit, promptLimit, timeout, drain, logPrompts, quiet];

    /// <summary>Whose key was asked for; null where none was.</summary>
    public string? NewKeyName(ParseResult parsed) => parsed.GetValue(newKey);

    /// <summary>The key that was asked for, new; null where none was.</summary>
    /// <exception cref="UsageException">There is no file for it.</exception>
    public string? NewKey(ParseResult parsed)
    {
        if (NewKeyName(parsed) is not { } owner) return null;
        string file = parsed.GetValue(keys) ?? throw new UsageException("--new-api-key puts a key's hash into a file; name it with --api-keys FILE.");
        return ApiKeyFile.Add(file, owner, AtLeast(parsed, keyRequests, 1), AtLeast(parsed, keyConcurrent, 1));
    }

    private EngineOptions Engine(ParseResult parsed, ModelFlags models)
    {
        EngineOptions usual = models.EngineOptionsOf(parsed);
        int chunk = AtLeast(parsed, promptChunk, 1) ?? usual.PromptTokensBesideAnswers;
        return usual with { CacheTokens = AtLeast(parsed, cacheTokens, 16), Sequences = AtLeast(parsed, parallel, 1), PromptTokensBesideAnswers = chunk };
    }

    /// <summary>What the command line says, over the usual.</summary>
    /// <exception cref="UsageException">A number is out of range.</exception>
    public ServerOptions Read(ParseResult parsed, ModelFlags models, Terminal terminal)
    {
        double seconds = parsed.GetValue(timeout) ?? Usual.RequestTimeout!.Value.TotalSeconds, draining = parsed.GetValue(drain) ?? Usual.DrainTime.TotalSeconds;
        if (!(seconds is >= 0 and < 1e6) || !(draining is >= 0 and < 1e6)) throw new UsageException("--request-timeout and --drain-seconds take 0 seconds or more.");
        if (parsed.GetValue(budget) is <= 0) throw new UsageException("--memory-budget takes a number of gigabytes above 0.");
        if (parsed.GetValue(port) is < 0 or > 65535) throw new UsageException($"--port takes 0 to 65535, not {parsed.GetValue(port)}.");
        return new ServerOptions
        {
            ModelPath = models.FindPath(parsed) ?? (parsed.GetValue(folder) is null ? EmbeddedModel.Path : null),
            ModelName = parsed.GetValue(name),
            ModelsFolder = parsed.GetValue(folder),
            Adapters = models.AdaptersOf(parsed),
            Loading = path => models.LoadingOf(parsed, path) with { Adapters = [] },
            Engine = Engine(parsed, models),
            Template = parsed.GetValue(template),
            MemoryBudget = (long?)(parsed.GetValue(budget) * 1e9),
            QueueLength = AtLeast(parsed, queue, 0) ?? Usual.QueueLength,
            Host = parsed.GetValue(host) ?? Usual.Host,
            Port = parsed.GetValue(port) ?? Usual.Port,
            ApiKeys = parsed.GetValue(keys),
            CorsOrigins = parsed.GetValue(origins) ?? [],
            AllowedHosts = parsed.GetValue(hosts) ?? [],
            BodyLimit = AtLeast(parsed, bodyLimit, 1) is { } megabytes ? (long)megabytes << 20 : Usual.BodyLimit,
            PromptLimit = AtLeast(parsed, promptLimit, 1),
            RequestTimeout = seconds == 0 ? null : TimeSpan.FromSeconds(seconds),
            DrainTime = TimeSpan.FromSeconds(draining),
            LogPrompts = parsed.GetValue(logPrompts),
            Log = parsed.GetValue(quiet) ? null : terminal.Error,
        };
    }

    private static int? AtLeast(ParseResult parsed, Option<int?> option, int least) => parsed.GetValue(option) is { } value && value < least
        ? throw new UsageException($"{option.Name} takes {least} or more, not {value}.")
        : parsed.GetValue(option);
}
