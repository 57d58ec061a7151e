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
    private readonly float[]?[] decays;
    private readonly BatchAngles lent;

    public RotaryTables(StackSpec spec)
    {
        specs = [.. spec.Rotaries];
        lent = Empty();
        decays = [.. specs.Select(rotary => rotary.Decays)];
        frequencies = [.. specs.Select(rotary => rotary.Scaling is { DependsOnLength: true } ? null : Singles(rotary, 0))];
    }

    /// <summary>Number of the table of an embedding of this model.</summary>
    public int IndexOf(RotarySpec rotary) => Array.IndexOf(specs, rotary);

    /// <summary>The tables for a batch, in the pass's workspace; without a tape they are lent until the next batch, so that nothing is allocated.</summary>
    public BatchAngles Fill(Pass pass, Batch batch)
    {
        BatchAngles angles = pass.Tape is null ? lent : Empty();
        for (int table = 0; table < specs.Length; table++)
        {
            angles.Queries[table] = Filled(pass, table, batch, 1);
            angles.Keys[table] = decays[table] is null ? angles[table] : Filled(pass, table, batch, -1);
        }

        return angles;
    }

    private BatchAngles Empty() => new(new RotaryAngles[specs.Length], new RotaryAngles[specs.Length]);

    /// <param name="pass">The pass in progress.</param>
    /// <param name="table">Which.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="sign">1 for queries, −1 for keys.</param>
    private RotaryAngles Filled(Pass pass, int table, Batch batch, int sign)
    {
        Shape shape = new(batch.Count, specs[table].Places * specs[table].Dimensions / 2);
        RotaryAngles filled = new(pass.Workspace.Rent(shape), pass.Workspace.Rent(shape));
        for (int sequence = 0; sequence < batch.Sequences; sequence++) FillSequence(filled, table, batch, sequence, sign);
        return filled;
    }

    private void FillSequence(RotaryAngles filled, int table, Batch batch, int sequence, int sign)
    {
        (AttentionSegment segment, SequencePrefix prefix, int length) = (batch.Segments[sequence], batch.Prefixes[sequence] ?? default, batch.Lengths[sequence]);
        float[] frequency = frequencies[table] ?? Singles(specs[table], length);
        float factor = (float)(specs[table].Scaling?.AttentionFactorAt(length) ?? 1);
        int places = specs[table].Places, width = frequency.Length;
        for (int row = segment.QueryStart; row < segment.QueryStart + segment.QueryCount; row++)
        {
            for (int track = 0; track < places; track++)
            {
                int place = places == 1 ? batch.Positions[row] : prefix.Place(batch.Positions[row], track);
                Span<float> cosines = filled.Cosines.Floats.AsSpan((((long)row * places) + track) * width, width);
                Span<float> sines = filled.Sines.Floats.AsSpan((((long)row * places) + track) * width, width);
                for (int i = 0; i < width; i++)
                {
                    (float sine, float cosine) = MathF.SinCos(place * frequency[i]);
                    float grown = decays[table] is { } decay ? factor * MathF.Exp(sign * place * decay[i]) : factor;
                    cosines[i] = cosine * grown;
                    sines[i] = sine * grown;
                }
            }
        }
    }

    private static float[] Singles(RotarySpec rotary, int length) => Array.ConvertAll(rotary.Frequencies(length), frequency => (float)frequency);
}
