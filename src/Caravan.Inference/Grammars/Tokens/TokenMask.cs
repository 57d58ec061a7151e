using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Caravan.Inference;

/// <summary>Which tokens of a vocabulary are allowed: one bit each.</summary>
internal sealed class TokenMask(int vocabularySize)
{
    private const int Lanes = 8;

    private readonly uint[] bits = new uint[(vocabularySize + 31) / 32];

    public long Bytes => bits.Length * sizeof(uint);

    public bool this[int token] => token < vocabularySize && (bits[token >> 5] >> token & 1) != 0;

    /// <summary>How many are allowed.</summary>
    public int Count => bits.Sum(BitOperations.PopCount);

    public void Allow(int token) => bits[token >> 5] |= 1u << token;

    public void Allow(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens) Allow(token);
    }

    /// <summary>Copies the logits of what is allowed; all others, and those beyond the vocabulary, become negative infinity.</summary>
    public void Apply(ReadOnlySpan<float> logits, Span<float> masked)
    {
        int known = Math.Min(vocabularySize, logits.Length) / Lanes * Lanes;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(bits.AsSpan());
        ReadOnlySpan<Vector256<float>> from = MemoryMarshal.Cast<float, Vector256<float>>(logits[..known]);
        Span<Vector256<float>> to = MemoryMarshal.Cast<float, Vector256<float>>(masked[..known]);
        Vector256<int> lanes = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        Vector256<float> never = Vector256.Create(float.NegativeInfinity);
        for (int i = 0; i < from.Length; i++)
        {
            Vector256<int> allowed = Vector256.Equals(Vector256.Create((int)bytes[i]) & lanes, lanes);
            to[i] = Vector256.ConditionalSelect(allowed.AsSingle(), from[i], never);
        }

        for (int i = known; i < logits.Length; i++) masked[i] = this[i] ? logits[i] : float.NegativeInfinity;
    }
}
