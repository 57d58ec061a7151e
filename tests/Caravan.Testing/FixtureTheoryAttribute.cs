using Xunit.Sdk;

namespace Caravan.Testing;

/// <summary>A theory that needs <c>../shared/fixtures</c>; counts as skipped when the folder is not there.</summary>
[XunitTestCaseDiscoverer("Xunit.Sdk.TheoryDiscoverer", "xunit.execution.{Platform}")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class FixtureTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the theory.</summary>
    public FixtureTheoryAttribute()
    {
        if (!Fixtures.Available) Skip = "needs ../shared/fixtures";
    }
}
