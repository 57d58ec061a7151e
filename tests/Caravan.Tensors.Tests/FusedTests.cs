using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Fused operators against the same thing composed of smaller ones, on the same device.</summary>
public sealed class FusedTests(Devices devices) : IClassFixture<Devices>
{
    private readonly Random random = new(21);

    /// <summary>Scores by definition, the softmax operator, the weighted sum; both sides err by at most the reference's bound.</summary>
    [Fact]
    public void Attention_is_scores_softmax_and_weighted_sum()
    {
        AttentionShape shape = new(4, 2, 20, 0.3f, Window: 30);
        int[] lengths = [40, 5];
        float[] q = Numbers.Normal(random, 45 * 80), k = Numbers.Normal(random, 45 * 40), v = Numbers.Normal(random, 45 * 40);
        Real[] bound = new AttentionReference(shape, AttentionCases.Segments(lengths), []).Forward(Double(q), Double(k), Double(v));
        foreach (Device device in devices.All)
        {
            using Pass pass = new(device);
            Tensor fused = Attention.Forward(
                pass, shape, Native(pass, AttentionCases.Segments(lengths)), Rent(pass, q, 45, 80), Rent(pass, k, 45, 40), Rent(pass, v, 45, 40));
            float[] composed = Composed(pass, shape, lengths, q, k, v);
            for (int i = 0; i < composed.Length; i++)
                Assert.True(Math.Abs(fused.Floats[i] - composed[i]) <= 2 * bound[i].Error, $"{Devices.Describe(device)}: element {i}");
        }
    }

    /// <summary>Two sequences, filled in chunks, in pages with scrambled numbers and other layers' data between: the same bits as in one run.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(21)]
    public void Paged_attention_is_unpaged_attention(int window)
    {
        AttentionShape shape = new(4, 2, 12, 0.3f, window);
        int[] lengths = [53, 34];
        foreach (Device device in devices.All)
        {
            using PagedSequences paged = new(shape, lengths, random);
            float[] expected = paged.Unpaged(device);
            Assert.Equal(expected, paged.InChunks(device, [(20, 1), (1, 16), (15, 17), (17, 0)]));
            Assert.Equal(expected, paged.InChunks(device, [(53, 34)]));
            Assert.Equal(expected, paged.InChunks(device, [.. Enumerable.Range(0, 53).Select(i => (1, i < 34 ? 1 : 0))]));
        }
    }

    /// <summary>Pages that round give what floats give that were rounded before, to the last bit: so a page is tested exactly, not loosely.</summary>
    [Theory]
    [InlineData(DType.F16, 20)]
    [InlineData(DType.F16, 32)]
    [InlineData(DType.Q8_0, 32)]
    [InlineData(DType.Q8_0, 96)]
    [InlineData(DType.Q4_0, 64)]
    public void Pages_of_a_type_are_attention_over_rounded_keys_and_values(DType type, int headSize)
    {
        AttentionShape shape = new(4, 2, headSize, 0.2f);
        int[] lengths = [53, 34];
        foreach (Device device in devices.All)
        {
            using PagedSequences paged = new(shape, lengths, random, type);
            float[] whole = paged.InChunks(device, [(53, 34)]), chunks = paged.InChunks(device, [(20, 1), (1, 16), (15, 17), (17, 0)]);
            paged.Round(type);
            Assert.Equal(paged.Unpaged(device), whole);
            Assert.Equal(whole, chunks);
        }
    }

    /// <summary>
    /// Long sequences are cut into ranges of keys that different threads sum; a query decoded alone, one in a long prompt and one with two, five
    /// or one thread get the same bits.
    /// </summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 700)]
    public void Attention_over_many_keys_has_the_same_bits_alone_and_among_others(int group, int window)
    {
        AttentionShape shape = new(group, 1, 20, 0.3f, window);
        int[] lengths = [1_300, 600];
        using PagedSequences paged = new(shape, lengths, random);
        foreach (IEnumerable<Device> threads in devices.All.GroupBy(device => device.InstructionSet))
        {
            float[]? expected = null;
            foreach (Device device in threads)
            {
                expected ??= paged.Unpaged(device);
                Assert.Equal(expected, paged.Unpaged(device));
                Assert.Equal(expected, paged.InChunks(device, [(1_100, 0), .. Enumerable.Range(0, 200).Select(_ => (1, 3))]));
            }
        }
    }

    [Fact]
    public void Gated_activation_is_its_parts()
    {
        float[] gates = Numbers.Normal(random, 1_000, 3), ups = Numbers.Normal(random, 1_000);
        float[] ones = [.. gates.Select(_ => 1f)];
        foreach (Device device in devices.All)
        {
            using Pass pass = new(device);
            foreach (ActivationFunction function in Enum.GetValues<ActivationFunction>())
            {
                Tensor fused = GatedActivation.Forward(pass, function, Rent(pass, gates, 10, 100), Rent(pass, ups, 10, 100));
                Tensor alone = GatedActivation.Forward(pass, function, Rent(pass, gates, 10, 100), Rent(pass, ones, 10, 100));
                for (int i = 0; i < gates.Length; i++) Assert.Equal(alone.Floats[i] * ups[i], fused.Floats[i]);
            }
        }
    }

    /// <summary>−log of a probability of relative error d errs by d: both sides round once for each term of the sum and a few times more.</summary>
    [Fact]
    public void Cross_entropy_is_softmax_and_logarithm()
    {
        const int Rows = 9, Columns = 301;
        float[] logits = Numbers.Normal(random, Rows * Columns, 3);
        int[] labels = [.. Enumerable.Range(0, Rows).Select(i => (i * 37) % Columns)];
        foreach (Device device in devices.All)
        {
            using Pass pass = new(device);
            float fused = CrossEntropy.Forward(pass, Rent(pass, logits, Rows, Columns), labels).Floats[0];
            Tensor probabilities = Softmax.Forward(pass, Rent(pass, logits, Rows, Columns));
            double composed = labels.Select((label, row) => -Math.Log(probabilities.Floats[(row * Columns) + label])).Average();
            double logitRange = 2 * logits.Max(Math.Abs);
            Assert.InRange(fused - composed, -Tolerance(), Tolerance());

            double Tolerance() => 2 * Real.Unit * (Columns + 10 + (3 * logitRange));
        }
    }

    /// <summary>A row alone, as in decoding, gets the same bits as among others, as in a prompt: caches may be reused.</summary>
    [Fact]
    public void Linear_gives_a_row_the_same_bits_in_every_batch()
    {
        const int Rows = 9, Columns = 288, Outputs = 37;
        float[] x = Numbers.Normal(random, Rows * Columns);
        foreach (DType type in QuantFormats.All.Select(format => format.DType).Where(type => Columns % type.BlockElements() == 0))
        {
            OpInput stored = OpInput.Encoded(random, type, Outputs, Columns);
            using GuardedTensor weight = new(stored.Shape, type, stored.Bytes);
            foreach (Device device in devices.All)
            {
                using Pass pass = new(device);
                float[] together = Linear.Forward(pass, Rent(pass, x, Rows, Columns), weight.Tensor).Floats.AsSpan().ToArray();
                for (int row = 0; row < Rows; row++)
                {
                    Tensor alone = Linear.Forward(pass, Rent(pass, x[(row * Columns)..((row + 1) * Columns)], 1, Columns), weight.Tensor);
                    Assert.Equal(together[(row * Outputs)..((row + 1) * Outputs)], alone.Floats.AsSpan().ToArray());
                }
            }
        }
    }

    private static float[] Composed(Pass pass, AttentionShape shape, int[] lengths, float[] q, float[] k, float[] v)
    {
        float[] y = new float[q.Length];
        int group = shape.Heads / shape.KeyValueHeads, size = shape.HeadSize;
        foreach (AttentionSegment segment in AttentionCases.Segments(lengths))
        {
            for (int query = 0; query < segment.QueryCount; query++)
            {
                int first = shape.Window == 0 ? 0 : Math.Max(0, query + 1 - shape.Window);
                for (int head = 0; head < shape.Heads; head++)
                {
                    int at = ((segment.QueryStart + query) * shape.QueryWidth) + (head * size), column = head / group * size;
                    int[] rows = [.. Enumerable.Range(first, query + 1 - first).Select(key => ((segment.KeyStart + key) * shape.KeyWidth) + column)];
                    float[] scores = [.. rows.Select(row => (float)(shape.Scale * Enumerable.Range(0, size).Sum(i => (double)q[at + i] * k[row + i])))];
                    Tensor weights = Softmax.Forward(pass, Rent(pass, scores, 1, scores.Length));
                    for (int i = 0; i < size; i++) y[at + i] = (float)rows.Select((row, j) => (double)weights.Floats[j] * v[row + i]).Sum();
                }
            }
        }

        return y;
    }

    internal static Tensor Rent(Pass pass, float[] values, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = pass.Workspace.Rent(new Shape(shape));
        values.CopyTo(tensor.Floats.AsSpan());
        return tensor;
    }

    internal static NativeSpan<T> Native<T>(Pass pass, T[] values)
        where T : unmanaged
    {
        NativeSpan<T> span = pass.Workspace.Take<T>(values.Length);
        values.CopyTo(span.AsSpan());
        return span;
    }

    private static double[] Double(float[] values) => [.. values.Select(value => (double)value)];
}
