using System.Text.Json;

namespace Caravan.Text;

/// <summary>
/// Turns objects of texts into tokens as CPM-Bee's tokenizer does: names and texts become parts in their order, <c>&lt;name_x&gt;</c> in them is the
/// token <c>&lt;name&gt;</c> with a number, and so are characters that the vocabulary lacks; the texts under <c>&lt;ans&gt;</c> are what the model writes.
/// </summary>
internal sealed class StructuredEncoder(Tokenizer tokenizer)
{
    private const string Root = "<root>", Answer = "<ans>", Input = "input";

    /// <summary>Whether a text is meant to be an object.</summary>
    public static bool IsObject(string text) => text.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal);

    /// <summary>An object spelled in JSON; any other text as <c>{"input": text, "&lt;ans&gt;": ""}</c>.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="parseSpecial">Whether tokens spelled out in a text that is no object become those tokens; in objects they always do.</param>
    /// <param name="mark">A character behind each <c>&lt;</c> that begins no token nevertheless; it is left out itself. Null for none.</param>
    /// <exception cref="CaravanException">The text is a broken object, or not such a one.</exception>
    public StructuredPrompt Encode(string prompt, bool parseSpecial, char? mark = null)
    {
        Tree tree = new();
        if (IsObject(prompt))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(prompt);
                tree.Add(document.RootElement, 0, answers: false);
            }
            catch (Exception problem) when (problem is JsonException or InvalidOperationException)
            {
                // What JSON itself allows can still spell half a character.
                string where = problem is JsonException broken ? $"it goes wrong in line {broken.LineNumber + 1} at byte {broken.BytePositionInLine}" : "a text in it is not valid Unicode";
                throw new CaravanException($"The prompt begins like an object in JSON but is none: {where}; mend it, or put the text under \"{Input}\" of one.", problem);
            }
        }
        else
        {
            tree.AddText(Input, prompt, plain: !parseSpecial);
            tree.AddText(Answer, "", plain: false);
        }

        if (!tree.Nodes.Exists(node => node.Answers))
            throw new CaravanException($"The prompt has no text under \"{Answer}\" for the model to write; add \"{Answer}\": \"\" to it.");
        return Encode(tree.Nodes, mark);
    }

    private StructuredPrompt Encode(List<Node> nodes, char? mark)
    {
        // Given parts first, in their order; the answers, of which only a mark is read now, behind them.
        int[] order = [.. Enumerable.Range(0, nodes.Count).OrderBy(i => nodes[i].Answers)];
        int[] places = new int[nodes.Count];
        for (int i = 0; i < order.Length; i++) places[order[i]] = i;
        Numbering numbering = new(tokenizer);
        List<int> starts = [], tokens = [], numbers = [];
        int begin = Required("<s>"), end = Required("</s>"), answers = 0;
        foreach (Node node in nodes)
        {
            if (node.Answers)
            {
                numbering.Of($"<ans_{++answers}>");
                continue;
            }

            starts.Add(tokens.Count);
            Put(begin, 0);
            foreach ((int token, int number) in TokensOf(node, mark, numbering)) Put(token, number);
            Put(end, 0);
        }

        starts.Add(tokens.Count);
        Put(begin, 0);
        return new StructuredPrompt
        {
            Parts = [.. order.Select(i => new PromptPart(nodes[i].Parent < 0 ? -1 : places[nodes[i].Parent], nodes[i].Depth))],
            Starts = starts,
            Tokens = [.. tokens],
            Numbers = [.. numbers],
            Numbered = numbering.All,
            Unwritten = Unwritten(numbering.All),
        };

        void Put(int token, int number)
        {
            tokens.Add(token);
            numbers.Add(number);
        }
    }

    private List<NumberedToken> Unwritten(List<NumberedToken> numbered)
    {
        int answer = Required(Answer), unknown = tokenizer.UnknownId!.Value;
        List<NumberedToken> unwritten = [.. numbered.Where(each => each.Token == answer && each.Number > 0)];
        if (!numbered.Exists(each => each.Token == unknown)) unwritten.Add(new NumberedToken(unknown, 0, ""));
        return unwritten;
    }

    private IEnumerable<(int Token, int Number)> TokensOf(Node node, char? mark, Numbering numbering)
    {
        (string text, HashSet<int> plain) = mark is { } sign ? ContentGuard.Unmarked(node.Text, sign) : (node.Text, []);
        int done = 0, end = 0;
        while (!node.Plain && NextSpecial(text, done, plain, out end) is >= 0 and int start)
        {
            foreach ((int, int) token in Plain(text[done..start], numbering)) yield return token;
            string special = text[start..end];
            yield return tokenizer.TokenToId(special) is { } id ? (id, 0) : numbering.Of(special);
            done = end;
        }

        foreach ((int, int) token in Plain(text[done..], numbering)) yield return token;
    }

    private IEnumerable<(int Token, int Number)> Plain(string text, Numbering numbering) => tokenizer.EncodeWithOffsets(text, addSpecial: false)
        .Select(token => token.Id == tokenizer.UnknownId ? numbering.Of(text[token.Start..token.End]) : (token.Id, 0));

    /// <summary>Where the next <c>&lt;…&gt;</c> without another <c>&lt;</c> in it begins and ends; −1 for none.</summary>
    private static int NextSpecial(string text, int from, HashSet<int> plain, out int end)
    {
        for (int start = text.IndexOf('<', from); start >= 0; start = text.IndexOf('<', start + 1))
        {
            int close = start + 1;
            if (close < text.Length && text[close] == '>') close++;  // <> is not closed yet.
            while (close < text.Length && text[close] is not ('<' or '>')) close++;
            end = close + 1;
            if (close < text.Length && text[close] == '>' && !plain.Contains(start)) return start;
        }

        end = 0;
        return -1;
    }

    private int Required(string token) =>
        tokenizer.TokenToId(token) ?? throw new CaravanException($"'{tokenizer.Definition.Source}' has no token {token}, which prompts of this kind need.");

    /// <summary>A name or a text.</summary>
    /// <param name="Text">What is written.</param>
    /// <param name="Parent">The number of the node that it belongs to.</param>
    /// <param name="Depth">Steps from the root.</param>
    /// <param name="Answers">Whether the model writes it.</param>
    /// <param name="Plain">Whether nothing in it is a special token.</param>
    private readonly record struct Node(string Text, int Parent, int Depth, bool Answers, bool Plain);

    private sealed class Tree
    {
        public List<Node> Nodes { get; } = [new Node(Root, -1, 0, false, false)];

        public void AddText(string name, string text, bool plain)
        {
            Nodes.Add(new Node(name, 0, 1, false, false));
            Nodes.Add(new Node(text, Nodes.Count - 1, 2, name == Answer, plain));
        }

        public void Add(JsonElement value, int parent, bool answers)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                Nodes.Add(new Node(value.GetString()!, parent, Nodes[parent].Depth + 1, answers, false));
                return;
            }

            if (value.ValueKind != JsonValueKind.Object)
                throw new CaravanException($"The prompt has {Shortened(value.GetRawText())} under \"{Nodes[parent].Text}\"; a text or an object of texts was expected.");
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (JsonProperty member in value.EnumerateObject())
            {
                if (!names.Add(member.Name)) throw new CaravanException($"The prompt has \"{Shortened(member.Name)}\" twice in one object; leave one out.");
                Nodes.Add(new Node(member.Name, parent, Nodes[parent].Depth + 1, false, false));
                Add(member.Value, Nodes.Count - 1, answers || (parent == 0 && member.Name == Answer));
            }
        }

        private static string Shortened(string text) => text.Length > 40 ? text[..40] + "…" : text;
    }

    /// <summary>The numbers that texts of one prompt get, kind by kind, first come first.</summary>
    private sealed class Numbering(Tokenizer tokenizer)
    {
        private readonly Dictionary<string, (int Token, int Number)> byText = new(StringComparer.Ordinal);
        private readonly Dictionary<int, int> counts = [];

        public List<NumberedToken> All { get; } = [];

        public (int Token, int Number) Of(string text)
        {
            if (byText.TryGetValue(text, out (int, int) known)) return known;
            int token = KindOf(text), number = counts.GetValueOrDefault(token);
            counts[token] = number + 1;
            All.Add(new NumberedToken(token, number, text));
            return byText[text] = (token, number);
        }

        private int KindOf(string text)
        {
            if (!text.StartsWith('<') || !text.EndsWith('>')) return tokenizer.UnknownId!.Value;
            string name = $"<{text[1..^1].Split('_', 2)[0]}>";
            return tokenizer.TokenToId(name) is { } id && tokenizer.IsSpecial(id) ? id : throw new CaravanException(
                $"The prompt holds '{text}', but the vocabulary has no special token {name}; known are <mask_…>, <option_…>, <unk_…> and the like.");
        }
    }
}
