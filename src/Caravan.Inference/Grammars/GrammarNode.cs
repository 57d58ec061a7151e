using System.Text;

namespace Caravan.Inference;

/// <summary>What every front end makes of its language: expressions over characters and bytes, and rules that may use one another.</summary>
internal abstract class GrammarNode
{
    /// <summary>The empty text.</summary>
    public static GrammarNode Empty { get; } = new Sequence([]);

    /// <summary>What nothing satisfies.</summary>
    public static GrammarNode Never { get; } = new Choice([]);

    /// <summary>A text as it stands.</summary>
    public static GrammarNode Text(string text) => new Literal(Encoding.UTF8.GetBytes(text));

    /// <summary>Parts one after the other.</summary>
    public static GrammarNode Of(params IReadOnlyList<GrammarNode> parts) => parts.Count == 1 ? parts[0] : new Sequence(parts);

    /// <summary>One of several.</summary>
    public static GrammarNode Any(params IReadOnlyList<GrammarNode> options) => options.Count == 1 ? options[0] : new Choice(options);

    /// <summary>Once or not at all.</summary>
    public static GrammarNode Optional(GrammarNode body) => new Repeat(body, 0, 1);

    /// <summary>Bytes as they stand.</summary>
    public sealed class Literal(byte[] bytes) : GrammarNode
    {
        public byte[] Bytes { get; } = bytes;
    }

    /// <summary>One character of a set.</summary>
    public sealed class Characters(CodePointSet set) : GrammarNode
    {
        public CodePointSet Set { get; } = set;
    }

    public sealed class Sequence(IReadOnlyList<GrammarNode> parts) : GrammarNode
    {
        public IReadOnlyList<GrammarNode> Parts { get; } = parts;
    }

    public sealed class Choice(IReadOnlyList<GrammarNode> options) : GrammarNode
    {
        public IReadOnlyList<GrammarNode> Options { get; } = options;
    }

    /// <summary>A number of times; <see cref="Unbounded"/> for no maximum.</summary>
    public sealed class Repeat(GrammarNode body, int minimum, int maximum) : GrammarNode
    {
        public const int Unbounded = int.MaxValue;

        public GrammarNode Body { get; } = body;

        public int Minimum { get; } = minimum;

        public int Maximum { get; } = maximum;
    }

    /// <summary>An expression with a name, which may stand within itself.</summary>
    public sealed class Rule(string name) : GrammarNode
    {
        /// <summary>What its author calls it, for error sentences.</summary>
        public string Name { get; } = name;

        public GrammarNode Body { get; set; } = Never;
    }

    /// <summary>Any tokens at all, to the end or until one of the triggers (UTF-8, none empty) has been written; from then on the body.</summary>
    public sealed class AfterTrigger(IReadOnlyList<byte[]> triggers, GrammarNode body) : GrammarNode
    {
        public IReadOnlyList<byte[]> Triggers { get; } = triggers;

        public GrammarNode Body { get; } = body;
    }
}
