using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>
/// What a generated text must look like (<see cref="SamplingOptions.Grammar"/>). May be used by many requests and threads at once; what is worked
/// out for a tokenizer is kept with it.
/// </summary>
public sealed class Grammar
{
    private const int LongestSchema = 1 << 20;

    private readonly GrammarNode node;
    private readonly ByteAutomaton automaton;
    private readonly ConditionalWeakTable<Tokenizer, TokenGrammar> compiled = [];

    /// <summary>The grammar of an expression.</summary>
    /// <exception cref="CaravanException">It is too large, is left-recursive, or allows no text.</exception>
    internal Grammar(GrammarNode node)
    {
        this.node = node;
        automaton = AutomatonBuilder.Build(node);
    }

    /// <summary>Control tokens of the model's tokenizer that are text to this grammar, spelled as they are; the same object for the same tokens. Others are never text.</summary>
    internal IReadOnlySet<int> ControlTokens { get; init; } = FrozenSet<int>.Empty;

    /// <summary>Any JSON value.</summary>
    /// <remarks>Between tokens of JSON there is a single blank or nothing; numbers have at most 18 digits before the point, 16 behind it and an exponent of two.</remarks>
    public static Grammar Json { get; } = new(JsonNodes.Value);

    /// <summary>Any JSON object (OpenAI's <c>json_object</c>); see <see cref="Json"/>.</summary>
    public static Grammar JsonObject { get; } = new(JsonNodes.Object);

    /// <summary>A grammar in llama.cpp's notation (GBNF); it starts at the rule <c>root</c>.</summary>
    /// <exception cref="CaravanException">The text is no grammar; says the line and column.</exception>
    public static Grammar Gbnf(string text) => new(GbnfParser.Parse(text));

    /// <summary>
    /// The texts that a regular expression describes from their first character to their last: what ECMAScript and Python have in common, without
    /// look-around and back references. Where dialects differ (<c>.</c>, <c>\d</c>, <c>\w</c>, <c>\s</c>) a text matches in all of them.
    /// </summary>
    /// <exception cref="CaravanException">The pattern is malformed or has what is not supported; says where.</exception>
    public static Grammar Regex(string pattern) => new(RegexParser.Parse(pattern));

    /// <summary>The JSON values that satisfy a JSON schema; see <see cref="JsonSchema(JsonElement)"/>.</summary>
    /// <exception cref="CaravanException">The text is no JSON, or the schema has what cannot be enforced.</exception>
    public static Grammar JsonSchema(string schema)
    {
        if (schema.Length > LongestSchema) throw new CaravanException($"The JSON schema has {schema.Length} characters; at most {LongestSchema} are read.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(schema);
            return JsonSchema(document.RootElement);
        }
        catch (JsonException problem)
        {
            throw new CaravanException($"The JSON schema is no JSON: {problem.Message}", problem);
        }
    }

    /// <summary>
    /// The JSON values that satisfy a JSON schema (2020-12 and draft 7). Properties come in the schema's order. Where a schema leaves something
    /// open, the narrower reading is taken: keywords of a type imply the type, and an object with <c>properties</c> has no others unless
    /// <c>additionalProperties</c> allows them; an integer without bounds is a 64-bit one. Blanks and digits are those of <see cref="Json"/>.
    /// </summary>
    /// <exception cref="CaravanException">A keyword is malformed or cannot be enforced; names it and its place.</exception>
    public static Grammar JsonSchema(JsonElement schema) => new(SchemaReader.Read(schema));

    /// <summary>A text as it stands.</summary>
    internal static Grammar Text(string text) => new(GrammarNode.Text(text));

    /// <summary>Grammars one after the other.</summary>
    internal static Grammar Sequence(params IReadOnlyList<Grammar> parts) => new(GrammarNode.Of([.. parts.Select(part => part.node)]));

    /// <summary>One of several grammars; control tokens are those of the first.</summary>
    internal static Grammar Choice(params IReadOnlyList<Grammar> options) => new(GrammarNode.Any([.. options.Select(option => option.node)])) { ControlTokens = options[0].ControlTokens };

    /// <summary>The same, with a blank before it or none.</summary>
    internal Grammar AfterBlank() => new(GrammarNode.Of(GrammarNode.Optional(GrammarNode.Text(" ")), node)) { ControlTokens = ControlTokens };

    /// <summary>Anything at all, control tokens included, until one of the triggers has been written; the grammar holds from there to the end.</summary>
    /// <exception cref="CaravanException">There is no trigger, or one is empty.</exception>
    internal static Grammar After(IReadOnlyList<string> triggers, Grammar grammar) => triggers.Count == 0
        ? throw new CaravanException("A grammar that waits for a trigger needs one.")
        : new Grammar(new GrammarNode.AfterTrigger([.. triggers.Select(Encoding.UTF8.GetBytes)], grammar.node));

    /// <summary>The grammar over the tokens of a tokenizer.</summary>
    internal TokenGrammar For(Tokenizer tokenizer) => compiled.GetValue(tokenizer, key => new TokenGrammar(automaton, key, ControlTokens));
}
