using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>What a routing chooses and how it groups, and that rows of experts are those of <see cref="Linear"/>.</summary>
public sealed class RoutingTests(Devices devices) : IClassFixture<Devices>
{
    private readonly Random random = new(41);

    [Fact]
    public void Pairs_lie_grouped_by_expert_in_the_order_of_rows()
    {
        using Pass pass = new(devices.All[0]);
        Tensor logits = FusedTests.Rent(pass, [0, 1, 2, 3, 9, 1, 1, 0, 5, 5, 5, 6], 3, 4);
        Routing routing = Route.Forward(pass, logits, 2, renormalised: true);
        // Row 0 chooses 3 and 2, row 1 chooses 0 and 1 (the first of equals), row 2 chooses 3 and 0.
        Assert.Equal([0, 2, 3, 4, 6], routing.Groups.AsSpan().ToArray());
        Assert.Equal([1, 2, 1, 0, 0, 2], routing.Rows.AsSpan().ToArray());
        Assert.Equal([4, 3, 0, 2, 5, 1], routing.Places.AsSpan().ToArray());
        for (int row = 0; row < 3; row++) Assert.Equal(1, routing.Weights.Floats[2 * row] + routing.Weights.Floats[(2 * row) + 1], 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Logits_that_are_no_numbers_spoil_their_own_row_only(float bad)
    {
        foreach (Device device in devices.All)
        {
            using Pass pass = new(device);
            Tensor logits = FusedTests.Rent(pass, [bad, bad, bad, bad, bad, 4, 3, 2, 1, 0], 2, 5);
            Routing routing = Route.Forward(pass, logits, 3, renormalised: true);
            Assert.Equal([0, 1, 2, 3, 4, 5], routing.Places.AsSpan().ToArray().Order());
            Assert.Equal(6, routing.Groups[5]);
            for (int i = 0; i < 3; i++) Assert.True(float.IsNaN(routing.Weights.Floats[i]));
            for (int i = 3; i < 6; i++) Assert.InRange(routing.Weights.Floats[i], 0.01f, 1);
        }
    }

    /// <summary>Whatever rows lie beside it, and whether or not a second matrix shares them, with exact activations and with rounded ones.</summary>
    [Theory]
    [InlineData(nameof(ActivationPrecision.Exact))]
    [InlineData(nameof(ActivationPrecision.Int8))]
    public void A_row_of_an_expert_is_that_of_linear(string precision)
    {
        const int Columns = 256, Outputs = 40;
        int[] groups = [0, 3, 3, 4, 13];
        float[] x = Numbers.Normal(random, groups[^1] * Columns);
        foreach (DType type in new[] { DType.F32, DType.F16, DType.Q4_0, DType.Q8_0, DType.Q4_K })
        {
            GuardedTensor[] Matrices() => [.. Enumerable.Range(0, 4).Select(_ => OpInput.Encoded(random, type, Outputs, Columns)).Select(input => new GuardedTensor(input.Shape, type, input.Bytes))];
            GuardedTensor[] first = Matrices(), second = Matrices();
            foreach (InstructionSet set in Cpu.Supported)
            {
                using Device device = new(2, set, Enum.Parse<ActivationPrecision>(precision));
                using Pass pass = new(device);
                Tensor rows = FusedTests.Rent(pass, x, groups[^1], Columns);
                (Tensor y0, Tensor y1) = GroupedLinear.Forward(
                    pass, rows, FusedTests.Native(pass, groups), [.. first.Select(matrix => matrix.Tensor)], [.. second.Select(matrix => matrix.Tensor)]);
                Tensor alone = GroupedLinear.Forward(pass, rows, FusedTests.Native(pass, groups), [.. second.Select(matrix => matrix.Tensor)]);
                Assert.Equal(alone.Floats.AsSpan().ToArray(), y1.Floats.AsSpan().ToArray());
                for (int expert = 0; expert < 4; expert++)
                {
                    (int start, int count) = (groups[expert], groups[expert + 1] - groups[expert]);
                    if (count == 0) continue;
                    Tensor own = FusedTests.Rent(pass, x[(start * Columns)..((start + count) * Columns)], count, Columns);
                    Assert.Equal(
                        Linear.Forward(pass, own, first[expert].Tensor).Floats.AsSpan().ToArray(), y0.Floats.AsSpan((long)start * Outputs, count * Outputs).ToArray());
                }
            }

            foreach (GuardedTensor matrix in first.Concat(second)) matrix.Dispose();
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using Pass pass = new(devices.All[0]);
        Tensor logits = FusedTests.Rent(pass, new float[8], 2, 4), weight = FusedTests.Rent(pass, new float[12], 3, 4);
        Assert.Contains("5 experts cannot be chosen from [2, 4]", Assert.Throws<CaravanException>(() => Route.Forward(pass, logits, 5, true)).Message, StringComparison.Ordinal);
        Assert.Contains("2 bounds do not group rows for 2 experts", Failure([0, 2], [weight, weight]), StringComparison.Ordinal);
        Assert.Contains("the weight [2, 4] F32 does not take rows of [2, 4] F32 to rows of [2, 3] F32", Failure([0, 1, 2], [weight, logits]), StringComparison.Ordinal);
        Assert.Contains(
            "3 places do not fit", Assert.Throws<CaravanException>(() => WeightedSum.Forward(pass, logits, FusedTests.Native(pass, [0, 1, 2]), weight)).Message, StringComparison.Ordinal);

        string Failure(int[] groups, Tensor[] weights) =>
            Assert.Throws<CaravanException>(() => GroupedLinear.Forward(pass, logits, FusedTests.Native(pass, groups), weights)).Message;
    }
}
