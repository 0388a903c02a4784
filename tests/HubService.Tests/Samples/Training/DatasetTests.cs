using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Statistics;
using TrainingPipeline;
using TrainingPipeline.Chat;
using TrainingPipeline.Datasets;

namespace HubService.Tests.Samples.Training;

public class DatasetTests
{
    private static readonly DataSetDescription Two = new("two", "Two", "two.csv", "here", "none", "two columns", [], "kind", "no", ["a", "b"]);

    private static DataSet Real()
    {
        DataSetCatalog catalog = new(new PipelineOptions().DataDirectory);
        Intent intent = IntentParser.Parse("detect malignant tumours");
        return catalog.Load(catalog.Candidates(intent)[0], intent);
    }

    [Fact]
    public void The_real_file_has_what_its_first_line_says()
    {
        DataSet data = Real();
        Assert.Equal((569, 30, "malignant"), (data.Rows, data.Features.ColumnCount, data.PositiveName));
        Assert.Equal([212, 357], data.ClassCounts());
        Assert.Equal((17.99, 0.08902 - 0.08902), (data.Features[0, 0], data.Features[1, 29] - 0.08902));
    }

    [Theory]
    [InlineData("x,2,no,yes\n", "Line 1")]
    [InlineData("2,3,no,yes\n1,2,3,0\n", "the description names 2")]
    [InlineData("1,2,no,yes\n1,oops,0\n", "Line 2: 'oops' in column 2")]
    [InlineData("1,2,no,yes\n1,2,7\n", "Line 2: '7' is not a class")]
    [InlineData("1,2,no,yes\n1,2,3,0\n", "Line 2: 4 fields instead of 3")]
    [InlineData("2,2,no,yes\n1,2,0\n", "1 rows, but the first line promises 2")]
    [InlineData("1,2,no,yes\n1,2,0\n3,4,1\n", "Line 3: more rows")]
    public void A_wrong_file_is_refused_with_its_line(string text, string fault)
    {
        InvalidDataException wrong = Assert.Throws<InvalidDataException>(() => CsvDataSetReader.Read(new StringReader(text), Two));
        Assert.Contains(fault, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_value_is_counted_and_becomes_the_mean()
    {
        DataSet data = CsvDataSetReader.Read(new StringReader("3,2,no,yes\n1,10,0\n,20,1\n3,30,1\n"), Two);
        DataProfile profile = DataProfile.Of(data);
        Assert.Equal(1, profile.Columns[0].Missing);
        Assert.Equal(100.0 / 9, profile.MissingPercent, 1e-9);
        Assert.Equal((2, 1, 3), (profile.Columns[0].Mean, profile.Columns[0].Min, profile.Columns[0].Max));
        Assert.Equal(0, Standardiser.Fit(data.Features).Transform(data.Features)[1, 0]);
    }

    [Fact]
    public void The_split_keeps_the_classes_in_proportion_and_every_row_once()
    {
        DataSet data = Real();
        StratifiedSplit split = StratifiedSplit.Of(data.Labels, 0.2, 42);
        Assert.Equal(Enumerable.Range(0, 569), split.Train.Concat(split.Validation).Concat(split.Test).Order());
        Assert.Equal((42, 71), Counts(split.Test));
        Assert.Equal((42, 71), Counts(split.Validation));
        Assert.Equal((128, 215), Counts(split.Train));
        Assert.Equal(split.Test, StratifiedSplit.Of(data.Labels, 0.2, 42).Test);
        Assert.NotEqual(split.Test, StratifiedSplit.Of(data.Labels, 0.2, 43).Test);

        (int Malignant, int Benign) Counts(IReadOnlyList<int> rows) => (rows.Count(r => data.Labels[r] == 0), rows.Count(r => data.Labels[r] == 1));
    }

    [Fact]
    public void The_standardiser_knows_the_training_rows_only()
    {
        DataSet data = Real();
        PreparedData prepared = PreparedData.Of(data, 0.2, 42);
        foreach (Vector<double> column in prepared.Train.Features.EnumerateColumns())
        {
            Assert.Equal(0, column.Mean(), 1e-9);
            Assert.Equal(1, column.PopulationStandardDeviation(), 1e-9);
        }

        Assert.Equal(prepared.Split.Train.Average(r => data.Features[r, 3]), prepared.Standardiser.Means[3], 1e-9);

        // Whatever happens to held-out rows, the statistics stay.
        Matrix<double> spoiled = data.Features.Clone();
        foreach (int row in prepared.Split.Test.Concat(prepared.Split.Validation))
        {
            spoiled.SetRow(row, new double[30]);
        }

        Assert.Equal(prepared.Standardiser.Means, PreparedData.Of(data with { Features = spoiled }, 0.2, 42).Standardiser.Means);
    }

    [Fact]
    public void The_profile_finds_the_columns_that_say_the_same()
    {
        DataProfile profile = DataProfile.Of(Real());
        CorrelatedPair strongest = profile.StrongCorrelations[0];
        Assert.Equal(("mean_radius", "mean_perimeter"), (strongest.First, strongest.Second));
        Assert.True(strongest.Correlation > 0.99);
        Assert.Equal(0, profile.MissingPercent);
    }
}
