using Xunit.Sdk;

namespace Caravan.Testing;

/// <summary>A fact that needs <c>../shared/fixtures</c>; counts as skipped when the folder is not there.</summary>
[XunitTestCaseDiscoverer("Xunit.Sdk.FactDiscoverer", "xunit.execution.{Platform}")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class FixtureFactAttribute : FactAttribute
{
    /// <summary>Creates the fact.</summary>
    public FixtureFactAttribute()
    {
        if (!Fixtures.Available) Skip = "needs ../shared/fixtures";
    }
}
