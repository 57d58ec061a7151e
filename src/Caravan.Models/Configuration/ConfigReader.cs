using System.Text.Json;
using Caravan.Formats;

namespace Caravan.Models;

/// <summary>
/// Reads a model's configuration by Hugging Face's key names, whether it lies in a <c>config.json</c> or in GGUF metadata.
/// A required key that is missing is an error naming file and key; an optional key states its default at the call; what nobody read is
/// reported. Nested keys are written with a dot: <c>rope_scaling.factor</c>. An explicit null counts as absent, except for
/// <see cref="OptionalInteger"/>.
/// </summary>
internal sealed class ConfigReader
{
    private readonly IConfigSource source;
    private readonly HashSet<string> read;

    internal ConfigReader(Checkpoint checkpoint, string architecture, Family family, WeightReader weights)
        : this(
            checkpoint.Path,
            checkpoint.Metadata is { } metadata ? new GgufConfigSource(metadata, architecture) : new JsonConfigSource(checkpoint.Config!.Value, family.AttributeMap),
            weights)
    {
    }

    internal ConfigReader(string path, IConfigSource source, WeightReader weights)
        : this(path, source, weights, new HashSet<string>(StringComparer.Ordinal))
    {
    }

    private ConfigReader(string path, IConfigSource source, WeightReader weights, HashSet<string> read)
    {
        this.read = read;
        Path = path;
        Weights = weights;
        this.source = source;
    }

    /// <summary>The file or folder, for messages.</summary>
    public string Path { get; }

    /// <summary>Whether the keys and the order of rotary features are those of GGUF.</summary>
    public bool IsGguf => source.IsGguf;

    /// <summary>The tensors that came along: some defaults depend on which are there.</summary>
    public WeightReader Weights { get; }

    /// <summary>Keys of the file that nobody read and that are not known to be without influence on the numbers.</summary>
    public IReadOnlyList<string> UnreadKeys => [.. source.Keys.Where(key => !read.Contains(key) && !KnownKeys.HaveNoInfluence(key))];

    /// <summary>The configuration of a part of the model, which lies in an object of its own.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="names">Its names of keys that it calls something else.</param>
    /// <param name="defaults">What its class takes where a key is missing: writers leave defaults out of such objects.</param>
    public ConfigReader Part(string key, IReadOnlyDictionary<string, string> names, IReadOnlyDictionary<string, object> defaults) =>
        new(Path, new PartConfigSource(source, key, names, defaults), Weights, read);

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether the key holds numbers, and not one.</summary>
    public bool IsList(string key) => Find(key) is IReadOnlyList<int> or IReadOnlyList<double>;

    /// <summary>Whole numbers, one for each layer or the like; null when the key is not there.</summary>
    public IReadOnlyList<int>? Integers(string key) => Find(key) switch
    {
        null => null,
        IReadOnlyList<int> numbers => numbers,
        var other => throw Wrong(key, other, "a list of whole numbers"),
    };

    /// <summary>Texts; null when the key is not there.</summary>
    public IReadOnlyList<string>? Texts(string key) => Find(key) switch
    {
        null => null,
        IReadOnlyList<string> texts => texts,
        var other => throw Wrong(key, other, "a list of texts"),
    };

    /// <summary>Real numbers; null when the key is not there.</summary>
    public IReadOnlyList<double>? Reals(string key) => Find(key) switch
    {
        null => null,
        IReadOnlyList<double> numbers => numbers,
        IReadOnlyList<int> numbers => [.. numbers.Select(number => (double)number)],
        var other => throw Wrong(key, other, "a list of numbers"),
    };

    /// <summary>Lists of switches; null when the key is not there.</summary>
    public IReadOnlyList<IReadOnlyList<bool>>? FlagLists(string key)
    {
        try
        {
            return Find(key) is { } value ? JsonSerializer.Deserialize<bool[][]>(value as string ?? "") : null;
        }
        catch (JsonException)
        {
            throw Wrong(key, Find(key)!, "lists of true and false");
        }
    }

    /// <summary>A required whole number.</summary>
    public int Integer(string key) => Integer(key, null) ?? throw Missing(key);

    /// <summary>A whole number, or <paramref name="absent"/> when the key is not there.</summary>
    public int Integer(string key, int absent) => Integer(key, (int?)absent)!.Value;

    /// <summary>A size: a whole number from 1 to <paramref name="most"/>, so that a hostile file cannot ask for more than a model could have.</summary>
    public int Size(string key, int? absent = null, int most = 1 << 24)
    {
        int value = absent is { } number ? Integer(key, absent: number) : Integer(key);
        return value > 0 && value <= most ? value : throw Wrong(key, value, $"a number from 1 to {most}");
    }

    /// <summary>A whole number that may be switched off: <paramref name="absent"/> when the key is not there, null when it is explicitly null.</summary>
    public int? OptionalInteger(string key, int? absent) => source.IsNull(key) && Mark(key) ? null : Integer(key, absent);

    /// <summary>Whether a size is absent or left to be worked out: the word "auto".</summary>
    public bool Automatic(string key) => Find(key) is null or "auto";

    /// <summary>A required real number.</summary>
    public double Real(string key) => Find(key) is { } value ? AsReal(key, value) : throw Missing(key);

    /// <summary>A real number, or <paramref name="absent"/> when the key is not there.</summary>
    public double Real(string key, double absent) => Find(key) is { } value ? AsReal(key, value) : absent;

    /// <summary>A real number that may be switched off: <paramref name="absent"/> when the key is not there, null when it is explicitly null.</summary>
    public double? OptionalReal(string key, double absent) => source.IsNull(key) && Mark(key) ? null : Real(key, absent);

    /// <summary>A truth value, or <paramref name="absent"/> when the key is not there.</summary>
    public bool Flag(string key, bool absent) => Find(key) switch
    {
        null => absent,
        bool flag => flag,
        var other => throw Wrong(key, other, "true or false"),
    };

    /// <summary>A required text.</summary>
    public string Text(string key) => Find(key) switch
    {
        null => throw Missing(key),
        string text => text,
        var other => throw Wrong(key, other, "a text"),
    };

    /// <summary>A text, or <paramref name="absent"/> when the key is not there.</summary>
    public string Text(string key, string absent) => Has(key) ? Text(key) : absent;

    /// <summary>The sentence for a value that no code here can carry out.</summary>
    public CaravanException Unsupported(string key, string value, params string[] known) =>
        new($"'{Path}' sets '{source.NameOf(key)}' to '{value}', which is not supported; known are {string.Join(", ", known)}.{Suggestion.DidYouMean(value, known)}");

    private int? Integer(string key, int? absent) => Find(key) switch
    {
        null => absent,
        long number and >= int.MinValue and <= int.MaxValue => (int)number,
        var other => throw Wrong(key, other, "a whole number of at most 31 bits"),
    };

    private double AsReal(string key, object value) => value switch
    {
        long number => number,
        double number when double.IsFinite(number) => number,
        _ => throw Wrong(key, value, "a finite number"),
    };

    private object? Find(string key)
    {
        Mark(key);
        return source.Find(key);
    }

    private bool Mark(string key)
    {
        read.Add(source.NameOf(key));
        // Whoever asks for rope_scaling.factor has looked at rope_scaling, which may be null.
        if (!IsGguf && key.LastIndexOf('.') is > 0 and int dot) read.Add(source.NameOf(key[..dot]));
        return true;
    }

    private CaravanException Missing(string key) =>
        new($"'{Path}' has no configuration key '{source.NameOf(key)}', which this architecture needs.{Suggestion.DidYouMean(source.NameOf(key), source.Keys)}");

    private CaravanException Wrong(string key, object found, string expected) =>
        new($"'{Path}' sets '{source.NameOf(key)}' to {found}; {expected} was expected.");
}
