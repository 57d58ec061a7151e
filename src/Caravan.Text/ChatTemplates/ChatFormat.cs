using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Text;

/// <summary>How conversations with a model are written: its template, together with its tokenizer.</summary>
internal sealed class ChatFormat
{
    private readonly Tokenizer tokenizer;
    private readonly ChatTemplate template;
    private readonly ContentGuard guard;
    private readonly bool isBuiltIn;
    private readonly Lazy<ToolSyntax> tools;
    private readonly Dictionary<string, JsonElement> variables = new(StringComparer.Ordinal);
    private Func<DateTime> clock = () => DateTime.Now;

    private ChatFormat(Tokenizer tokenizer, string source, string name, string origin, bool isBuiltIn)
    {
        this.tokenizer = tokenizer;
        this.isBuiltIn = isBuiltIn;
        (Name, Origin) = (name, origin);
        template = ChatTemplate.Parse(source);
        guard = new ContentGuard(tokenizer);
        Add("bos_token", tokenizer.BosId);
        Add("eos_token", tokenizer.EosId);
        Add("unk_token", tokenizer.UnknownId);
        Add("pad_token", tokenizer.PadId);
        (StopTokens, StopStrings) = TurnEnd.Of(this, tokenizer);
        tools = new(() => ToolSyntaxProbe.Of(
            (messages, functions) => Render(messages, addGenerationPrompt: true, functions),
            [.. StopStrings, .. tokenizer.EndOfGenerationIds.Concat(StopTokens).Select(tokenizer.TokenText)]));
    }

    /// <summary>What the template is called: <c>own</c> for the model's, the name of a built-in one, or a file.</summary>
    public string Name { get; }

    /// <summary>Where the template comes from, for people.</summary>
    public string Origin { get; }

    /// <summary>Whether nobody said that this is the model's template: it was guessed.</summary>
    public bool IsAssumed { get; private init; }

    /// <summary>Tokens that end the model's turn, besides those of the tokenizer.</summary>
    public IReadOnlyCollection<int> StopTokens { get; }

    /// <summary>Texts that end the model's turn, in formats where no token does.</summary>
    public IReadOnlyList<string> StopStrings { get; }

    /// <summary>The model's own format; or the built-in one that its vocabulary or name speaks for; or a plain transcript.</summary>
    /// <exception cref="CaravanException">The model's template is no template.</exception>
    public static ChatFormat Of(Tokenizer tokenizer, string modelName)
    {
        string? own = tokenizer.ChatTemplate ?? tokenizer.ChatTemplates.Values.FirstOrDefault();
        if (own is not null) return new ChatFormat(tokenizer, own, "own", "the model's own chat template", isBuiltIn: false);
        return BuiltInTemplates.Guess(tokenizer, modelName) is var (guess, reason)
            ? BuiltIn(tokenizer, guess, $"the built-in chat template '{guess.Name}', since the model carries none and {reason}", isAssumed: true)
            : BuiltIn(tokenizer, BuiltInTemplates.Plain, "a plain transcript, since the model carries no chat template and none is known for it", isAssumed: true);
    }

    /// <summary>The format of that name (the model's own by purpose, or a built-in one) or in that file.</summary>
    /// <exception cref="CaravanException">There is neither, or it is no template.</exception>
    public static ChatFormat Named(Tokenizer tokenizer, string nameOrFile)
    {
        if (tokenizer.ChatTemplates.TryGetValue(nameOrFile, out string? named))
            return new ChatFormat(tokenizer, named, nameOrFile, $"the model's chat template '{nameOrFile}'", isBuiltIn: false);
        if (BuiltInTemplates.Find(nameOrFile) is { } builtIn) return BuiltIn(tokenizer, builtIn, $"the built-in chat template '{builtIn.Name}'");
        if (File.Exists(nameOrFile))
        {
            string source = Encoding.UTF8.GetString(TokenizerFiles.ReadAll(nameOrFile));
            return new ChatFormat(tokenizer, source, nameOrFile, $"the chat template in '{nameOrFile}'", isBuiltIn: false);
        }

        string[] names = [.. tokenizer.ChatTemplates.Keys, .. BuiltInTemplates.All.Select(template => template.Name)];
        throw new CaravanException(
            $"There is neither a chat template named '{nameOrFile}' nor a file of that name.{Suggestion.DidYouMean(nameOrFile, names)} Known are {string.Join(", ", names)}.");
    }

    /// <summary>How the model writes that it wants functions called.</summary>
    public ToolSyntax Tools => tools.Value;

    /// <summary>Control tokens by which calls are told from text.</summary>
    public IReadOnlySet<int> ToolTokens => field ??= tokenizer.Definition.Added.Where(token => token.Special && Tools.Uses(token.Content)).Select(token => token.Id).ToFrozenSet();

    /// <summary>The conversation as text.</summary>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    /// <exception cref="CaravanException">The template does what has no meaning, or exceeds a limit.</exception>
    public string Render(JsonArray messages, bool addGenerationPrompt = true, JsonArray? tools = null) => template.Render(new ChatInput
    {
        Messages = JsonSerializer.SerializeToElement(messages),
        Tools = tools is null ? null : JsonSerializer.SerializeToElement(tools),
        AddGenerationPrompt = addGenerationPrompt,
        Variables = variables,
        Clock = clock,
    });

    /// <summary>The same format at a time that stands still, for templates that write the date and texts that must be the same tomorrow.</summary>
    public ChatFormat At(DateTime time)
    {
        ChatFormat still = (ChatFormat)MemberwiseClone();
        still.clock = () => time;
        return still;
    }

    /// <summary>Messages to render and then to encode by <see cref="EncodeRendered"/>, in which control tokens that users and tools spell out stay plain text.</summary>
    /// <returns>The messages, and the mark that stands in them where such tokens are: a character that is not part of the text.</returns>
    public (JsonArray Messages, char Mark) Guarded(JsonArray messages) => guard.Marked(messages);

    /// <summary>A rendered conversation as tokens, with the part of the text without marks that each stands for.</summary>
    /// <param name="rendered">What <see cref="Render"/> made of messages of <see cref="Guarded"/>.</param>
    /// <param name="mark">The mark in them.</param>
    public TextToken[] EncodeRendered(string rendered, char mark)
    {
        if (tokenizer.Structured is not null) throw new CaravanException("The model's prompts are objects of texts, so that its conversations cannot be learnt by turns.");
        (string text, HashSet<int> plain) = ContentGuard.Unmarked(rendered, mark);
        TextToken[] tokens = tokenizer.EncodeTemplateWithOffsets(text, plain);
        IReadOnlyList<int> missing = MissingBefore([.. tokens.Select(token => token.Id)]);
        return missing.Count == 0 ? tokens : [.. missing.Select(id => new TextToken(id, tokenizer.TokenText(id), 0, 0)), .. tokens];
    }

    /// <summary>The conversation as tokens, ending where the model's answer begins.</summary>
    /// <param name="messages">Objects with <c>role</c> and <c>content</c>.</param>
    /// <param name="trustContent">
    /// Whether control tokens spelled out in messages of users and tools become those tokens, as in transformers; false keeps them plain text.
    /// </param>
    /// <param name="tools">Functions that the model may call, in OpenAI's shape; null for none.</param>
    /// <param name="continues">Whether the answer goes on with the last message, which has text, instead of following it.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    /// <exception cref="CaravanException">The template does what has no meaning, or exceeds a limit.</exception>
    public EncodedPrompt Encode(JsonArray messages, bool trustContent = false, JsonArray? tools = null, bool continues = false)
    {
        (JsonArray marked, char mark) = trustContent ? (messages, '\0') : guard.Marked(messages);
        string rendered = continues ? RenderOpen(marked, tools) : Render(marked, addGenerationPrompt: true, tools);
        if (tokenizer.Structured is { } structured) return structured.Encode(rendered, parseSpecial: true, trustContent ? null : mark);
        (string text, HashSet<int> plain) = trustContent ? (rendered, []) : ContentGuard.Unmarked(rendered, mark);
        int[] tokens = tokenizer.EncodeTemplate(text, plain);
        IReadOnlyList<int> missing = MissingBefore(tokens);
        return new(missing.Count == 0 ? tokens : [.. missing, .. tokens]);
    }

    /// <summary>A model's own template writes the beginning-of-text token itself; the built-in ones leave it to the tokenizer.</summary>
    private IReadOnlyList<int> MissingBefore(ReadOnlySpan<int> tokens) =>
        !isBuiltIn || tokens.StartsWith([.. tokenizer.Definition.Before]) ? [] : tokenizer.Definition.Before;

    /// <summary>The conversation up to the end of its last message's text, without what the template puts behind it.</summary>
    private string RenderOpen(JsonArray messages, JsonArray? tools)
    {
        // Like the guard's marks: a character that stands for nothing.
        const char end = '\uFDEF';
        JsonArray open = (JsonArray)messages.DeepClone();
        open[^1]!["content"] = $"{open[^1]!["content"]}{end}";
        string rendered = Render(open, addGenerationPrompt: false, tools);
        int place = rendered.LastIndexOf(end);
        return place < 0 ? throw new CaravanException("The chat template does not show the last message as it is, so that the answer cannot go on with it.") : rendered[..place].Replace($"{end}", "", StringComparison.Ordinal);
    }

    private static ChatFormat BuiltIn(Tokenizer tokenizer, BuiltInTemplate template, string origin, bool isAssumed = false) =>
        new(tokenizer, template.Source, template.Name, origin, isBuiltIn: true) { IsAssumed = isAssumed };

    private void Add(string name, int? token)
    {
        if (token is { } id) variables[name] = JsonSerializer.SerializeToElement(tokenizer.TokenText(id));
    }
}
