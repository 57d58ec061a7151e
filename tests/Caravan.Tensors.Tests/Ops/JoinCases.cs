using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class JoinCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(1);
        foreach (int[] lengths in (int[][])[[1], [3, 3], [5, 16, 1]])
        {
            yield return new OpCase
            {
                Operator = typeof(Join),
                Name = string.Join(" + ", lengths),
                Inputs = [.. lengths.Select(length => OpInput.Random(random, length))],
                Run = (pass, x) => Join.Forward(pass, [.. x]),
                Forward = x => [.. x.SelectMany(part => part).Select(value => (Real)value)],
                Backward = (x, c) => [.. x.Select((part, i) => c.Skip(x.Take(i).Sum(before => before.Length)).Take(part.Length).Select(value => (Real)value).ToArray())],
            };
        }
    }
}
