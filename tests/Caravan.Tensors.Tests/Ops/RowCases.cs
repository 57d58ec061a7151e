using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Operators that move rows and columns.</summary>
internal static class RowCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(23);
        yield return Turned(random, 1, 1);
        yield return Turned(random, 3, 5);
        yield return Turned(random, 40, 17);
        yield return Placed(random, 5, 7, []);
        yield return Placed(random, 5, 7, [0, 3, 4]);
        yield return Placed(random, 3, 16, [0, 1, 2]);
        yield return Biased(random, 1, 1);
        yield return Biased(random, 5, 19);
        yield return Biased(random, 33, 40);
        yield return ByColumn(random, 1, 1);
        yield return ByColumn(random, 5, 19);
        yield return ByColumn(random, 33, 40);
        yield return Repeated(random, 3, 5, 1);
        yield return Repeated(random, 4, 3, 7);
        yield return LeftOut(random, 0.25f);
        yield return LeftOut(random, 0.9f);
        yield return Mean(random, 5, [1]);
        yield return Mean(random, 17, [3, 1, 7]);
    }

    private static OpCase Biased(Random random, int rows, int columns) => new()
    {
        Operator = typeof(AddBias),
        Name = $"{rows} by {columns}",
        Inputs = [OpInput.Random(random, rows, columns), OpInput.Random(random, columns)],
        Run = (pass, x) => AddBias.Forward(pass, x[0], x[1]),
        Forward = x => [.. x[0].Select((value, i) => (Real)value + x[1][i % columns])],
        Backward = (_, c) => [[.. c.Select(value => (Real)value)], [.. Enumerable.Range(0, columns).Select(column => Real.Sum(Enumerable.Range(0, rows).Select(row => (Real)c[(row * columns) + column])))]],
    };

    private static OpCase ByColumn(Random random, int rows, int columns) => new()
    {
        Operator = typeof(ColumnScale),
        Name = $"{rows} by {columns}",
        Inputs = [OpInput.Random(random, rows, columns), OpInput.Random(random, columns)],
        Run = (pass, x) => ColumnScale.Forward(pass, x[0], x[1]),
        Forward = x => [.. x[0].Select((value, i) => (Real)value * x[1][i % columns])],
        Backward = (x, c) =>
        [
            [.. c.Select((value, i) => (Real)value * x[1][i % columns])],
            [.. Enumerable.Range(0, columns).Select(column => Real.Sum(Enumerable.Range(0, rows).Select(row => (Real)c[(row * columns) + column] * x[0][(row * columns) + column])))],
        ],
    };

    private static OpCase Repeated(Random random, int rows, int columns, int times) => new()
    {
        Operator = typeof(RepeatColumns),
        Name = $"{rows} by {columns}, {times} times",
        Inputs = [OpInput.Random(random, rows, columns)],
        Run = (pass, x) => RepeatColumns.Forward(pass, x[0], times),
        Forward = x => [.. Enumerable.Range(0, rows * columns * times).Select(i => (Real)x[0][i / times])],
        Backward = (_, c) => [[.. Enumerable.Range(0, rows * columns).Select(i => Real.Sum(Enumerable.Range(i * times, times).Select(at => (Real)c[at])))]],
    };

    /// <summary>Which elements are kept is asked of a row of ones, and must be the same at every width of the kernels and on the way back.</summary>
    private static OpCase LeftOut(Random random, float rate)
    {
        const int rows = 3, columns = 41;
        bool[] kept = Kept(rate, rows, columns);
        double factor = 1 / (1 - rate);
        return new OpCase
        {
            Operator = typeof(Dropout),
            Name = $"{rate} left out",
            Inputs = [OpInput.Random(random, rows, columns)],
            Run = (pass, x) => Dropout.Forward(pass, x[0], rate, stream: 5),
            Forward = x => [.. x[0].Select((value, i) => kept[i] ? (Real)value * factor : 0)],
            Backward = (_, c) => [[.. c.Select((value, i) => kept[i] ? (Real)value * factor : 0)]],
        };
    }

    private static bool[] Kept(float rate, int rows, int columns)
    {
        using Device device = new(1);
        using Pass pass = new(device, new Tape());
        Tensor ones = pass.Workspace.Rent(new Shape(rows, columns));
        ones.Floats.AsSpan().Fill(1);
        return [.. Dropout.Forward(pass, ones, rate, stream: 5).Floats.AsSpan().ToArray().Select(value => value != 0)];
    }

    private static OpCase Turned(Random random, int rows, int columns) => new()
    {
        Operator = typeof(Transpose),
        Name = $"{rows} by {columns}",
        Inputs = [OpInput.Random(random, rows, columns)],
        Run = (pass, x) => Transpose.Forward(pass, x[0]),
        Forward = x => Exchange(x[0], rows, columns),
        Backward = (_, c) => [Exchange(c, columns, rows)],
    };

    private static Real[] Exchange(double[] x, int rows, int columns) => [.. Enumerable.Range(0, rows * columns).Select(i => (Real)x[(i % rows * columns) + (i / rows)])];

    private static OpCase Placed(Random random, int rows, int columns, int[] places) => new()
    {
        Operator = typeof(PlaceRows),
        Name = $"{places.Length} of {rows} rows of {columns}",
        Inputs = [OpInput.Random(random, rows, columns), OpInput.Random(random, places.Length, columns)],
        Run = (pass, x) =>
        {
            NativeSpan<int> native = pass.Workspace.Take<int>(places.Length);
            places.CopyTo(native.AsSpan());
            return PlaceRows.Forward(pass, x[0], x[1], native);
        },
        Forward = x => [.. Enumerable.Range(0, rows * columns).Select(i => Array.IndexOf(places, i / columns) is >= 0 and int at ? (Real)x[1][(at * columns) + (i % columns)] : x[0][i])],
        Backward = (_, c) =>
        [
            [.. Enumerable.Range(0, rows * columns).Select(i => (Real)(places.Contains(i / columns) ? 0 : c[i]))],
            [.. Enumerable.Range(0, places.Length * columns).Select(i => (Real)c[(places[i / columns] * columns) + (i % columns)])],
        ],
    };

    private static OpCase Mean(Random random, int columns, int[] lengths)
    {
        AttentionSegment[] segments = AttentionCases.Segments(lengths);
        int[] sequence = [.. lengths.SelectMany((length, i) => Enumerable.Repeat(i, length))];
        return new OpCase
        {
            Operator = typeof(MeanRows),
            Name = $"{lengths.Length} segments of {columns}",
            Inputs = [OpInput.Random(random, lengths.Sum(), columns)],
            Run = (pass, x) =>
            {
                NativeSpan<AttentionSegment> native = pass.Workspace.Take<AttentionSegment>(segments.Length);
                segments.CopyTo(native.AsSpan());
                return MeanRows.Forward(pass, x[0], native);
            },
            // The share of a row is rounded to float, and so is each product.
            Forward = x =>
            [
                .. Enumerable.Range(0, lengths.Length * columns).Select(i => Real.Sum(Enumerable.Range(0, lengths[i / columns])
                    .Select(row => (Real)x[0][((segments[i / columns].QueryStart + row) * columns) + (i % columns)] * ((Real)1 / lengths[i / columns])))),
            ],
            Backward = (_, c) => [[.. Enumerable.Range(0, lengths.Sum() * columns).Select(i => (Real)c[(sequence[i / columns] * columns) + (i % columns)] * ((Real)1 / lengths[sequence[i / columns]]))]],
        };
    }
}
