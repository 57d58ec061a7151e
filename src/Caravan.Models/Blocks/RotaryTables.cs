using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// The cosines and sines of a batch, one table for each distinct rotary embedding of a model. Angles are formed in float like the reference
/// implementations do (frequency and product rounded to float), so that long positions round the same way.
/// </summary>
internal sealed class RotaryTables
{
    private readonly RotarySpec[] specs;
    private readonly float[]?[] frequencies;
    private readonly RotaryAngles[] angles;

    public RotaryTables(StackSpec spec)
    {
        specs = [.. spec.Rotaries];
        angles = new RotaryAngles[specs.Length];
        frequencies = [.. specs.Select(rotary => rotary.Scaling is { DependsOnLength: true } ? null : Singles(rotary, 0))];
    }

    /// <summary>The angles of the batch last given to <see cref="Fill"/>.</summary>
    public RotaryAngles this[int table] => angles[table];

    /// <summary>Number of the table of an embedding of this model.</summary>
    public int IndexOf(RotarySpec rotary) => Array.IndexOf(specs, rotary);

    /// <summary>Computes all tables for a batch, in the pass's workspace.</summary>
    public void Fill(Pass pass, Batch batch)
    {
        for (int table = 0; table < specs.Length; table++)
        {
            Shape shape = new(batch.Count, specs[table].Places * specs[table].Dimensions / 2);
            angles[table] = new RotaryAngles(pass.Workspace.Rent(shape), pass.Workspace.Rent(shape));
            for (int i = 0; i < batch.Sequences; i++)
                FillSequence(table, batch.Segments[i], batch.Positions, batch.Prefixes[i] ?? default, batch.Lengths[i]);
        }
    }

    private void FillSequence(int table, AttentionSegment segment, ReadOnlySpan<int> positions, SequencePrefix prefix, int length)
    {
        float[] frequency = frequencies[table] ?? Singles(specs[table], length);
        float factor = (float)(specs[table].Scaling?.AttentionFactorAt(length) ?? 1);
        int places = specs[table].Places, width = frequency.Length;
        for (int row = segment.QueryStart; row < segment.QueryStart + segment.QueryCount; row++)
        {
            for (int track = 0; track < places; track++)
            {
                int place = places == 1 ? positions[row] : prefix.Place(positions[row], track);
                Span<float> cosines = angles[table].Cosines.Floats.AsSpan((((long)row * places) + track) * width, width);
                Span<float> sines = angles[table].Sines.Floats.AsSpan((((long)row * places) + track) * width, width);
                for (int i = 0; i < width; i++)
                {
                    (float sine, float cosine) = MathF.SinCos(place * frequency[i]);
                    cosines[i] = cosine * factor;
                    sines[i] = sine * factor;
                }
            }
        }
    }

    private static float[] Singles(RotarySpec rotary, int length) => Array.ConvertAll(rotary.Frequencies(length), frequency => (float)frequency);
}
