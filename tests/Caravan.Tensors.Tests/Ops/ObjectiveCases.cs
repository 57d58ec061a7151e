using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class ObjectiveCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(31);
        foreach (int count in new[] { 1, 7, 40 })
        {
            float[] slopes = [.. Enumerable.Range(0, count).Select(i => (i - 3) / 4f)];
            yield return new OpCase
            {
                Operator = typeof(Objective),
                Name = $"linear in {count} numbers",
                Inputs = [OpInput.Random(random, count)],
                Run = (pass, x) => Objective.Forward(pass, x[0], x[0].Floats.AsSpan().ToArray().Select((value, i) => (double)value * slopes[i]).Sum(), slopes),
                Forward = x => [Real.Sum(x[0].Select((value, i) => (Real)value * slopes[i]))],
                Backward = (_, c) => [[.. slopes.Select(slope => (Real)slope * c[0])]],
            };
        }
    }
}
