using Caravan.Tensors.Ops;

namespace Caravan.Training;

/// <summary>Tokens that see each other, with what each row of the model is to predict.</summary>
/// <param name="Tokens">Token ids, [T].</param>
/// <param name="Labels">
/// [T], shifted already: row n is scored by its own label, which is the token behind it, or <see cref="CrossEntropy.Ignored"/> where that token is not learnt.
/// </param>
internal sealed record EncodedSequence(int[] Tokens, int[] Labels)
{
    /// <summary>How many rows count.</summary>
    public int Counted { get; } = Labels.Count(label => label != CrossEntropy.Ignored);

    /// <summary>A sequence of which some tokens are learnt.</summary>
    /// <param name="tokens">Token ids.</param>
    /// <param name="learnt">Which of them are learnt. The first never is, since nothing stands before it.</param>
    public static EncodedSequence Of(int[] tokens, ReadOnlySpan<bool> learnt)
    {
        int[] labels = new int[tokens.Length];
        for (int n = 0; n < tokens.Length; n++) labels[n] = n + 1 < tokens.Length && learnt[n + 1] ? tokens[n + 1] : CrossEntropy.Ignored;
        return new EncodedSequence(tokens, labels);
    }

    /// <summary>A part of it. Its last row still predicts the token behind, though that is not in it.</summary>
    public EncodedSequence Slice(int start, int length) => new(Tokens.AsSpan(start, length).ToArray(), Labels.AsSpan(start, length).ToArray());
}
