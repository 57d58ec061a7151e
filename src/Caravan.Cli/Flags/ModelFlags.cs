using System.CommandLine;
using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Cli;

/// <summary>Which model, and how it is run.</summary>
/// <param name="embedded">Whether the model that comes with Caravan runs when none is named.</param>
internal sealed class ModelFlags(bool embedded = false)
{
    private readonly Option<string?> model = Flag.Text(
        "--model", "PATH", $"The model: a GGUF, safetensors, PyTorch or llama2.c file, a Hugging Face folder, or org/name as 'caravan pull' got it{(embedded ? $" (default: {EmbeddedModel.Name}, a small one that comes with Caravan)" : "")}.");
    private readonly Argument<string?> positional = new("MODEL") { Description = "The same as --model.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> tokenizer = Flag.Text("--tokenizer", "PATH", "A tokenizer file or folder instead of the model's own.");
    private readonly Option<bool> strict = Flag.Switch("--strict", "Refuse a model that holds configuration keys or tensors nobody uses.");
    private readonly Option<int?> threads = Flag.Number<int>("--threads", "N", "Threads that share the work (default: one for each physical core).");
    private readonly Option<string?> instructionSet = Flag.Text(
        "--instruction-set", "SET", $"Width of the kernels (default: the widest this processor has): {string.Join(", ", InstructionSets)}.");
    private readonly Option<string?> repack = Flag.Text(
        "--repack", "WHEN", "Copy quantized weights at load into an order that is faster to compute with: on, off, or auto (default: where memory holds the copy with room to spare).");
    private readonly Option<int?> context = Flag.Number<int>(
        "--context", "TOKENS", $"Most tokens of a text, prompt included (default: what the model was trained for, at most {EngineOptions.UsualContext}).");

    private readonly Option<string[]> adapters = Flag.Texts(
        "--adapter", "PATH[=NAME]", "The folder of an adapter, in PEFT's layout, that the model was trained with.");
    private readonly Option<string?> keyValueType = Flag.Text("--kv-type", "TYPE", "How keys and values are kept: f32, f16 (default), q8_0 or q4_0.");

    private static IEnumerable<string> InstructionSets => Enum.GetNames<InstructionSet>().Select(name => name.ToLowerInvariant());

    /// <summary>The model by its option alone, for verbs whose words are something else.</summary>
    public Symbol Option => model;

    /// <summary>Where the model is.</summary>
    public IEnumerable<Symbol> Place => [positional, model];

    /// <summary>The tokenizer, alone.</summary>
    public Symbol Tokenizer => tokenizer;

    /// <summary>What was learnt beside it.</summary>
    public Symbol Adapter => adapters;

    /// <summary>How it is loaded.</summary>
    public IEnumerable<Symbol> Loading => [tokenizer, strict];

    /// <summary>How it runs.</summary>
    public IEnumerable<Symbol> Running => [.. Computing, repack, context, keyValueType];

    /// <summary>Whether weights are copied at load.</summary>
    public Symbol Repack => repack;

    /// <summary>How it computes.</summary>
    public IEnumerable<Symbol> Computing => [threads, instructionSet];

    /// <summary>The type of keys and values, alone.</summary>
    public Symbol KeyValueType => keyValueType;

    /// <summary>The model's path.</summary>
    /// <exception cref="UsageException">None was given, or two.</exception>
    public string PathOf(ParseResult parsed) => FindPath(parsed) ?? (embedded ? EmbeddedModel.Path : null)
        ?? throw new UsageException($"No model was given; name one with --model PATH. '{UsageMistakes.NameOf(parsed.CommandResult.Command)} --help' has an example.");

    /// <summary>The model's path, or null.</summary>
    /// <exception cref="UsageException">Two were given.</exception>
    public string? FindPath(ParseResult parsed)
    {
        (string? first, string? second) = (parsed.GetValue(positional), parsed.GetValue(model));
        if (first is not null && second is not null)
            throw new UsageException($"'{first}' was not expected there, since --model names '{second}' already; quote texts with blanks.");
        return parsed.ModelPath(first ?? second);
    }

    /// <summary>The tokenizer's path, or null for the model's own.</summary>
    public string? TokenizerOf(ParseResult parsed) => parsed.ModelPath(parsed.GetValue(tokenizer));

    /// <summary>Threads to use; 0 means one for each physical core.</summary>
    public int ThreadsOf(ParseResult parsed)
    {
        int count = parsed.GetValue(threads) ?? 0;
        if (count is < 0 or > 1024) throw new UsageException($"--threads takes 1 to 1024, or 0 for one per physical core, not {count}.");
        return count;
    }

    /// <summary>Width of the kernels; null means the widest this processor has.</summary>
    /// <exception cref="UsageException">There is no such width.</exception>
    public InstructionSet? InstructionSetOf(ParseResult parsed)
    {
        if (parsed.GetValue(instructionSet) is not { } name) return null;
        return InstructionSets.Contains(name.ToLowerInvariant())
            ? Enum.Parse<InstructionSet>(name, ignoreCase: true)
            : throw new UsageException($"--instruction-set takes {string.Join(", ", InstructionSets)}, not '{name}'.{Suggestion.DidYouMean(name, InstructionSets)}");
    }

    /// <summary>Whether to repack weights; never where the verb has no such option.</summary>
    /// <exception cref="UsageException">It was neither auto, on nor off.</exception>
    public bool RepackOf(ParseResult parsed) => RepackOf(parsed, FindPath(parsed));

    private bool RepackOf(ParseResult parsed, string? path) => parsed.CommandResult.Command.Options.Contains(repack) && parsed.GetValue(repack) switch
    {
        null or "auto" => (InstructionSetOf(parsed) ?? Cpu.Best) == Cpu.Best && (path is null || CopyFits(path)),
        "on" when (InstructionSetOf(parsed) ?? Cpu.Best) != Cpu.Best =>
            throw new UsageException($"--repack on is for the widest instruction set ({Cpu.Best.ToString().ToLowerInvariant()}); leave --instruction-set out, or take --repack off."),
        "on" => true,
        "off" => false,
        string other => throw new UsageException($"--repack takes auto, on or off, not '{other}'."),
    };

    /// <summary>Whether a copy of the weights takes a quarter of the machine's memory at most, so that the files stay in its cache beside it.</summary>
    private static bool CopyFits(string path)
    {
        long bytes = File.Exists(path) ? new FileInfo(path).Length
            : Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length) : 0;
        return bytes <= GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
    }

    /// <summary>How keys and values are kept.</summary>
    public DType KeyValueTypeOf(ParseResult parsed)
    {
        if (parsed.GetValue(keyValueType) is not { } name) return new EngineOptions().KeyValueType;
        string[] names = [.. LayerPages.Types.Select(type => type.ToString().ToLowerInvariant())];
        int index = Array.IndexOf(names, name.ToLowerInvariant());
        return index >= 0
            ? LayerPages.Types[index]
            : throw new UsageException($"--kv-type takes {string.Join(", ", names)}, not '{name}'.{Suggestion.DidYouMean(name, names)}");
    }

    /// <summary>The adapters, each with the name that requests call it by.</summary>
    public IReadOnlyList<AdapterSource> AdaptersOf(ParseResult parsed) => !parsed.CommandResult.Command.Options.Contains(adapters) ? [] :
    [
        .. (parsed.GetValue(adapters) ?? []).Select(text =>
        {
            int sign = Directory.Exists(text) ? -1 : text.LastIndexOf('=');
            return sign < 0 ? new AdapterSource(text) : new AdapterSource(text[..sign], text[(sign + 1)..]);
        }),
    ];

    /// <summary>The one adapter of a verb that answers one person; null for none.</summary>
    /// <exception cref="UsageException">Several were given.</exception>
    public string? AdapterOf(ParseResult parsed, Model loaded) => loaded.AdapterNames.Count < 2
        ? loaded.AdapterNames.SingleOrDefault()
        : throw new UsageException("--adapter was given more than once, and a text passes through one; 'caravan serve' lets each request choose.");

    /// <summary>Temperature where none is given.</summary>
    public float TemperatureOf(ParseResult parsed) => PathOf(parsed) == EmbeddedModel.Path ? EmbeddedModel.Temperature : new SamplingOptions().Temperature;

    /// <summary>Loads the model; says so where nobody named it.</summary>
    public Model Load(ParseResult parsed)
    {
        if (FindPath(parsed) is null && parsed.InvocationConfiguration is TerminalConfiguration { Terminal: { } terminal })
            terminal.Error.WriteLine($"[{EmbeddedModel.Name}, a small model that comes with Caravan; --model names another]");
        return Model.Load(PathOf(parsed), LoadingOf(parsed, PathOf(parsed)));
    }

    /// <summary>How the model at a path is loaded.</summary>
    public ModelOptions LoadingOf(ParseResult parsed, string path) =>
        new() { TokenizerPath = TokenizerOf(parsed), Strict = parsed.GetValue(strict), Repack = RepackOf(parsed, path), Adapters = AdaptersOf(parsed) };

    /// <summary>An engine for a model.</summary>
    public Engine Engine(ParseResult parsed, Model loaded) => new(loaded, EngineOptionsOf(parsed));

    /// <summary>How engines run.</summary>
    public EngineOptions EngineOptionsOf(ParseResult parsed)
    {
        int? tokens = parsed.GetValue(context);
        if (tokens is < 2) throw new UsageException($"--context takes 2 tokens or more, not {tokens}.");
        return new EngineOptions
        {
            Threads = ThreadsOf(parsed), InstructionSet = InstructionSetOf(parsed), ContextLength = tokens, KeyValueType = KeyValueTypeOf(parsed),
        };
    }
}
