using System.Runtime.InteropServices;
using Caravan.Text;

namespace Caravan.Models;

/// <summary>
/// What a sequence that began as an object of texts is made of: its parts, of which further answers begin as it is generated, and tokens of its own,
/// whose ids follow those of the vocabulary.
/// </summary>
internal sealed class SequenceParts
{
    private readonly StructuredPrompt prompt;
    private readonly int vocabularySize;
    private readonly List<int> starts;
    private readonly NumberedToken[] own;
    private readonly Dictionary<(int Token, int Number), int> ids = [];

    /// <summary>The parts of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="vocabularySize">Tokens that the model has logits for: its own begin there.</param>
    public SequenceParts(StructuredPrompt prompt, int vocabularySize)
    {
        (this.prompt, this.vocabularySize) = (prompt, vocabularySize);
        starts = new List<int>(prompt.Parts.Count);
        starts.AddRange(prompt.Starts);
        own = [.. prompt.Numbered.Where(token => token.Number > 0)];
        for (int i = 0; i < own.Length; i++) ids.Add((own[i].Token, own[i].Number), vocabularySize + i);
        Tokens = [.. prompt.Tokens.Zip(prompt.Numbers, IdOf)];
        Forbidden = [.. prompt.Unwritten.Select(token => IdOf(token.Token, token.Number))];
    }

    /// <summary>The prompt's ids, those of its own tokens included.</summary>
    public int[] Tokens { get; }

    /// <summary>Ids that no answer holds.</summary>
    public IReadOnlyList<int> Forbidden { get; }

    /// <summary>The beginning that sees itself as a whole.</summary>
    public SequencePrefix Prefix => new(prompt.Given, 0);

    /// <summary>How many of its own tokens there are.</summary>
    public int OwnTokens => own.Length;

    /// <summary>Ids that its tokens may have.</summary>
    public int Vocabulary => vocabularySize + own.Length;

    /// <summary>How many parts have begun.</summary>
    public int Count => starts.Count;

    /// <summary>A token of its own, from 0: what kind, and which number.</summary>
    public NumberedToken Own(int index) => own[index];

    /// <summary>The token and the number behind an id.</summary>
    public (int Token, int Number) Resolve(int id) => id < vocabularySize ? (id, 0) : (own[id - vocabularySize].Token, own[id - vocabularySize].Number);

    /// <summary>What an id stands for in this sequence where that is not the token's own text; null otherwise.</summary>
    public string? TextOf(int id)
    {
        (int token, int number) = Resolve(id);
        foreach (NumberedToken each in prompt.Numbered)
            if (each.Token == token && each.Number == number) return each.Text;
        return null;
    }

    /// <summary>The part that a position is in.</summary>
    public int PartAt(int position)
    {
        int found = CollectionsMarshal.AsSpan(starts).BinarySearch(position);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>Where a part begins and ends; what is last ends nowhere.</summary>
    public (int First, int End) RangeOf(int part) => (starts[part], part + 1 < starts.Count ? starts[part + 1] : int.MaxValue);

    /// <summary>How one part lies to another; 0 for itself.</summary>
    public int Relation(int from, int to) => prompt.Relation(from, to);

    /// <summary>Begins the next answer at a position; null when there is none, else the token that begins it.</summary>
    public int? BeginAnswer(int position)
    {
        if (starts.Count == prompt.Parts.Count) return null;
        starts.Add(position);
        return prompt.Begin;
    }

    /// <summary>The largest relation between two of its parts.</summary>
    public int LargestRelation()
    {
        int largest = 0;
        for (int from = 0; from < prompt.Parts.Count; from++)
            for (int to = 0; to < prompt.Parts.Count; to++) largest = Math.Max(largest, Relation(from, to));
        return largest;
    }

    private int IdOf(int token, int number) => number == 0 ? token : ids[(token, number)];
}
