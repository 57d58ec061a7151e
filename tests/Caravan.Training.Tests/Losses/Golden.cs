using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>Reads the golden numbers of <c>fixtures/training</c>; they have nine digits, and are held to the README's 1e-6.</summary>
internal static class Golden
{
    public static JsonElement Open(string name) => JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", name))).RootElement;

    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();

    public static double[] Numbers(this JsonElement element, string name) => element.GetProperty(name).Deserialize<double[]>()!;

    public static double[][] Rows(this JsonElement element, string name) => element.GetProperty(name).Deserialize<double[][]>()!;

    public static void Equal(double expected, double actual) => Assert.Equal(expected, actual, 1e-6 * Math.Max(1e-3, Math.Abs(expected)));

    public static void Equal(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++) Equal(expected[i], actual[i]);
    }
}
