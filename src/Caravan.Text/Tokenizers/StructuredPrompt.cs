namespace Caravan.Text;

/// <summary>
/// An object of texts as tokens (CPM-Bee). Every name and every text is a part of its own; first come those that are given, whose tokens all see
/// each other, then the answers, one after the other.
/// </summary>
internal sealed class StructuredPrompt
{
    /// <summary>Depths from here on are told apart no more.</summary>
    private const int Depths = 8;

    /// <summary>The parts in the order of their tokens, answers last.</summary>
    public required IReadOnlyList<PromptPart> Parts { get; init; }

    /// <summary>Where the given parts begin, and the first answer.</summary>
    public required IReadOnlyList<int> Starts { get; init; }

    /// <summary>The tokens, up to the one that begins the first answer.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>For each token its number among those of its kind that the prompt tells apart; 0 for the first of a kind and for all others.</summary>
    public required int[] Numbers { get; init; }

    /// <summary>Tokens that stand for texts of this prompt alone, first come first: <c>&lt;mask_0&gt;</c>, or characters that the vocabulary lacks.</summary>
    public required IReadOnlyList<NumberedToken> Numbered { get; init; }

    /// <summary>Tokens that no answer holds: marks of answers, and the unknown token where it stands for nothing.</summary>
    public required IReadOnlyList<NumberedToken> Unwritten { get; init; }

    /// <summary>The tokens with all that is said of them.</summary>
    public static implicit operator EncodedPrompt(StructuredPrompt prompt) => new(prompt.Tokens, prompt);

    /// <summary>The token that begins an answer.</summary>
    public int Begin => Tokens[^1];

    /// <summary>Tokens that are given.</summary>
    public int Given => Starts[^1];

    /// <summary>
    /// How a part lies to another in the tree of the object: 0 for itself, else 1 + 8·(steps up to what encloses both) + (steps down from there), with
    /// 7 steps at most; 1 would be a part of another object.
    /// </summary>
    public int Relation(int from, int to)
    {
        if (from == to) return 0;
        (int up, int down) = (from, to);
        while (up != down)
        {
            if (Parts[up].Depth >= Parts[down].Depth) up = Parts[up].Parent;
            else down = Parts[down].Parent;
        }

        int common = Parts[up].Depth;
        return 1 + (Depths * Math.Min(Parts[from].Depth - common, Depths - 1)) + Math.Min(Parts[to].Depth - common, Depths - 1);
    }
}
